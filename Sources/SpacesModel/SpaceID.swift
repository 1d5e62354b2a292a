/// The id of a Space, `owner/name`, by the Hub's rules (`huggingface_hub`'s `_validators.py`): each
/// part consists of `[A-Za-z0-9_.-]`, has at most 96 characters, does not start or end with `-` or
/// `.`, has no `--` or `..`, and does not end with `.git`.
package struct SpaceID: Hashable, Sendable, CustomStringConvertible, Comparable {
    package let owner: String
    package let name: String

    package init?(owner: some StringProtocol, name: some StringProtocol) {
        guard Self.isValid(owner), Self.isValid(name) else { return nil }
        (self.owner, self.name) = (String(owner), String(name))
    }

    /// Parses `owner/name`, `spaces/owner/name`, `hf://spaces/owner/name` or the URL of a Space.
    package init?(_ text: some StringProtocol) {
        var parts = text.split(separator: "/", omittingEmptySubsequences: true)[...]
        let isURL = parts.first.map { $0.hasSuffix(":") } ?? false
        if isURL { parts = parts.drop { $0 != "spaces" } }
        if parts.first == "spaces" { parts = parts.dropFirst() }
        guard let owner = parts.first, let name = parts.dropFirst().first else { return nil }
        guard isURL || parts.count == 2 else { return nil }
        self.init(owner: owner, name: name)
    }

    /// Parses a name in settings: `name` alone belongs to `owner`, if that is known.
    package init?(_ text: String, of owner: String?) {
        if !text.contains("/"), let owner { self.init(owner: owner, name: text) } else { self.init(text) }
    }

    private init(folder: String) { (owner, name) = ("", folder) }

    /// A placeholder for checks without a Space: the name of the checked directory. It is never
    /// sent to a Hub and never printed as part of a command.
    package static func folder(_ name: String) -> SpaceID { SpaceID(folder: name) }
    package var isFolder: Bool { owner.isEmpty }

    package var description: String { isFolder ? name : "\(owner)/\(name)" }

    /// Returns the command line `spacesync COMMAND owner/name`; for a directory `spacesync check`,
    /// the only command that accepts one.
    package func commandLine(_ command: String) -> String {
        isFolder ? "spacesync check" : "spacesync \(command) \(self)"
    }

    package static func < (left: SpaceID, right: SpaceID) -> Bool { left.description < right.description }

    /// The description of the naming rules, for messages.
    package static let nameRule =
        "of letters, digits, -, _ and . (96 at most; no - or . at either end or twice in a row, no .git at the end)"

    /// Returns whether an owner or name follows the Hub's rules.
    package static func isValid(_ part: some StringProtocol) -> Bool {
        let edges: Set<UInt8> = [UInt8(ascii: "-"), UInt8(ascii: ".")]
        guard let first = part.utf8.first, let last = Array(part.utf8).last, part.utf8.count <= 96 else {
            return false
        }
        guard !edges.contains(first), !edges.contains(last), !part.hasSuffix(".git") else { return false }
        guard part.utf8.allSatisfy({ isIDCharacter($0) }) else { return false }
        return zip(part.utf8, part.utf8.dropFirst()).allSatisfy { $0 != $1 || !edges.contains($0) }
    }

    private static func isIDCharacter(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
        case UInt8(ascii: "0")...UInt8(ascii: "9"): true
        case UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."): true
        default: false
        }
    }
}
