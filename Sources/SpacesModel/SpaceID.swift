/// A Space's id, `owner/name`, by the Hub's rules (`huggingface_hub`'s `_validators.py`): each part of
/// `[A-Za-z0-9_.-]`, at most 96 characters, not starting or ending with `-` or `.`, no `--`, no `..`, no `.git` at the end.
package struct SpaceID: Hashable, Sendable, CustomStringConvertible, Comparable {
    package let owner: String
    package let name: String

    package init?(owner: some StringProtocol, name: some StringProtocol) {
        guard Self.isValid(owner), Self.isValid(name) else { return nil }
        (self.owner, self.name) = (String(owner), String(name))
    }

    /// Reads `owner/name`, `spaces/owner/name`, `hf://spaces/owner/name` or the Space's URL.
    package init?(_ text: some StringProtocol) {
        var parts = text.split(separator: "/", omittingEmptySubsequences: true)[...]
        let isURL = parts.first.map { $0.hasSuffix(":") } ?? false
        if isURL { parts = parts.drop { $0 != "spaces" } }
        if parts.first == "spaces" { parts = parts.dropFirst() }
        guard let owner = parts.first, let name = parts.dropFirst().first else { return nil }
        guard isURL || parts.count == 2 else { return nil }
        self.init(owner: owner, name: name)
    }

    /// As settings write it: `name` alone is the owner's, where one is known.
    package init?(_ text: String, of owner: String?) {
        if !text.contains("/"), let owner { self.init(owner: owner, name: text) } else { self.init(text) }
    }

    private init(folder: String) { (owner, name) = ("", folder) }

    /// What stands where no Space is meant: the folder that is looked at, under its own name. No Hub is asked for it,
    /// and no line to type names it.
    package static func folder(_ name: String) -> SpaceID { SpaceID(folder: name) }
    package var isFolder: Bool { owner.isEmpty }

    package var description: String { isFolder ? name : "\(owner)/\(name)" }

    /// `COMMAND owner/name` to be typed; of a folder `check`, which alone looks at one.
    package func commandLine(_ command: String) -> String {
        isFolder ? "spacesync check" : "spacesync \(command) \(self)"
    }

    package static func < (left: SpaceID, right: SpaceID) -> Bool { left.description < right.description }

    /// How each part is written, in words.
    package static let nameRule =
        "of letters, digits, - _ and . (96 at most; no - or . at its ends or twice in a row, no .git at the end)"

    /// Whether one part (an owner or a name) is written as the Hub allows.
    package static func isValid(_ part: some StringProtocol) -> Bool {
        let edges: Set<UInt8> = [UInt8(ascii: "-"), UInt8(ascii: ".")]
        guard let first = part.utf8.first, let last = Array(part.utf8).last, part.utf8.count <= 96 else {
            return false
        }
        guard !edges.contains(first), !edges.contains(last), !part.hasSuffix(".git") else { return false }
        guard part.utf8.allSatisfy({ $0.isIDCharacter }) else { return false }
        return zip(part.utf8, part.utf8.dropFirst()).allSatisfy { $0 != $1 || !edges.contains($0) }
    }
}

extension UInt8 {
    fileprivate var isIDCharacter: Bool {
        switch self {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
        case UInt8(ascii: "0")...UInt8(ascii: "9"): true
        case UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."): true
        default: false
        }
    }
}
