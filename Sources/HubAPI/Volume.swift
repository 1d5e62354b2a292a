import SpacesModel
import TextTools

/// A repository or bucket of the Hub that is mounted as a directory of a Space.
package struct Volume: Hashable, Sendable {
    /// `bucket`, `model`, `dataset`, `space`.
    package var type: String
    /// `owner/name`.
    package var source: String
    package var mountPath: String
    package var revision: String?
    /// `nil` for the Hub's default: all types except buckets are read-only.
    package var isReadOnly: Bool?
    /// The mounted path below the root of the repository or bucket; `nil` for the root.
    package var path: String?
    /// All fields that the Hub reported, so that unknown ones are sent back unchanged.
    private var others: JSON.Object = [:]

    package init(
        type: String, source: String, mountPath: String, revision: String? = nil, isReadOnly: Bool? = nil,
        path: String? = nil
    ) {
        (self.type, self.source, self.mountPath) = (type, source, mountPath)
        (self.revision, self.isReadOnly, self.path) = (revision, isReadOnly, path)
    }

    init?(_ json: JSON) {
        guard let type = json["type"].string, let source = json["source"].string,
            let mountPath = json["mountPath"].string
        else { return nil }
        self.init(
            type: type, source: source, mountPath: mountPath, revision: json["revision"].string,
            isReadOnly: json["readOnly"].bool, path: json["path"].string)
        others = json.object ?? [:]
    }

    var json: JSON {
        var fields = others
        fields["type"] = .string(type)
        fields["source"] = .string(source)
        fields["mountPath"] = .string(mountPath)
        fields["revision"] = revision.map(JSON.string)
        fields["readOnly"] = isReadOnly.map(JSON.bool)
        fields["path"] = path.map(JSON.string)
        return .object(fields)
    }
}

/// The notation of the `hf` CLI:
/// `hf://[models|datasets|spaces|buckets/]owner/name[@revision][/path]:/mount[:ro|:rw]`
/// (`huggingface_hub`'s `utils/_hf_uris.py`).
extension Volume: CustomStringConvertible {
    private static let kinds = [
        "models": "model", "datasets": "dataset", "spaces": "space", "buckets": "bucket",
    ]

    /// Parses the notation of the `hf` CLI; `nil` if the text is malformed.
    package init?(_ text: String) {
        guard text.hasPrefix("hf://") else { return nil }
        var remaining = text.dropFirst(5)
        if let mode = [":ro", ":rw"].first(where: remaining.hasSuffix) {
            isReadOnly = mode == ":ro"
            remaining = remaining.dropLast(3)
        }
        guard let separator = remaining.ranges(of: ":/").last else { return nil }
        mountPath = String(remaining[remaining.index(after: separator.lowerBound)...])
        var parts = remaining[..<separator.lowerBound].split(
            separator: "/", omittingEmptySubsequences: false)[...]
        type = "model"
        if let kind = parts.first.flatMap({ Self.kinds[String($0)] }) {
            type = kind
            parts = parts.dropFirst()
        }
        guard parts.count >= 2, let owner = parts.popFirst(), let last = parts.popFirst() else { return nil }
        guard let (name, revision) = Self.split(last, &parts),
            let source = SpaceID(owner: owner, name: name), type != "bucket" || revision == nil
        else { return nil }
        (self.source, self.revision) = (source.description, revision)
        let path = parts.joined(separator: "/")
        self.path = path.isEmpty ? nil : path
        guard mountPath.count > 1, !mountPath.split(separator: "/").contains("..") else { return nil }
    }

    /// Splits `name@revision`; the revision of a pull request (`refs/pr/3`) contains slashes and takes
    /// two more segments of `remaining`. Returns `nil` if the revision is empty.
    private static func split(_ text: Substring, _ remaining: inout ArraySlice<Substring>) -> (
        String, String?
    )? {
        let halves = text.split(separator: "@", maxSplits: 1, omittingEmptySubsequences: false)
        guard halves.count == 2 else { return (String(text), nil) }
        guard !halves[1].isEmpty else { return nil }
        var revision = String(halves[1])
        if revision == "refs", remaining.count >= 2 {
            revision = (["refs"] + remaining.prefix(2).map(String.init)).joined(separator: "/")
            remaining = remaining.dropFirst(2)
        }
        return (String(halves[0]), revision.replacing("%2F", with: "/"))
    }

    package var description: String {
        let kind = Self.kinds.first { $0.value == type }?.key ?? type
        let revision =
            revision.map { "@" + ($0.hasPrefix("refs/") ? $0 : $0.replacing("/", with: "%2F")) } ?? ""
        let mode = isReadOnly.map { $0 ? ":ro" : ":rw" } ?? ""
        return "hf://\(kind)/\(source)\(revision)\(path.map { "/" + $0 } ?? ""):\(mountPath)\(mode)"
    }
}
