import SpacesModel

/// One line of the input of `post-receive` (`git help hooks`): the old commit, the new commit and
/// the ref.
struct RefUpdate: Hashable, Sendable {
    let old: ObjectID
    let new: ObjectID
    let ref: String

    init?(_ line: some StringProtocol) {
        let fields = line.split(separator: " ", maxSplits: 2).map { String($0) }
        guard fields.count == 3, let old = ObjectID(fields[0]), let new = ObjectID(fields[1]) else {
            return nil
        }
        (self.old, self.new, ref) = (old, new, fields[2])
    }

    /// The short name: `x` for `refs/heads/x` and `refs/tags/x`; `nil` for other refs.
    var name: String? {
        for prefix in ["refs/heads/", "refs/tags/"] where ref.hasPrefix(prefix) {
            return String(ref.dropFirst(prefix.count))
        }
        return nil
    }

    /// The names that settings may use: the short name, and the full one for a tag, which may have
    /// the same name as a branch.
    var names: [String] { [name, isBranch ? nil : ref].compactMap { $0 } }

    var isBranch: Bool { ref.hasPrefix("refs/heads/") }
    var isDeletion: Bool { new.isZero }

    /// Reads all updates from standard input, which Git closes after the last ref.
    static func read() -> [RefUpdate] {
        var pushes: [RefUpdate] = []
        while let line = readLine() { pushes += [RefUpdate(line)].compactMap { $0 } }
        return pushes
    }
}
