import SpacesModel

/// One line that Git gives to `post-receive` (`git help hooks`).
struct RefUpdate: Hashable, Sendable {
    let old: ObjectID
    let new: ObjectID
    let ref: String

    init?(_ line: some StringProtocol) {
        let words = line.split(separator: " ", maxSplits: 2).map { String($0) }
        guard words.count == 3, let old = ObjectID(words[0]), let new = ObjectID(words[1]) else { return nil }
        (self.old, self.new, ref) = (old, new, words[2])
    }

    /// `refs/heads/x` and `refs/tags/x` → `x`; nil for other refs.
    var name: String? {
        for prefix in ["refs/heads/", "refs/tags/"] where ref.hasPrefix(prefix) {
            return String(ref.dropFirst(prefix.count))
        }
        return nil
    }

    /// As settings may name it: a tag that shares its name with a branch, in full.
    var names: [String] { [name, isBranch ? nil : ref].compactMap { $0 } }

    var isBranch: Bool { ref.hasPrefix("refs/heads/") }
    var isDeletion: Bool { new.isZero }

    /// All of standard input, which Git closes behind the last ref.
    static func read() -> [RefUpdate] {
        var pushes: [RefUpdate] = []
        while let line = readLine() { pushes += [RefUpdate(line)].compactMap { $0 } }
        return pushes
    }
}
