import SpacesModel
import TextTools

/// A server's ref advertisement: the repository's references and the server's capabilities
/// (<https://git-scm.com/docs/http-protocol#_smart_server_response>).
struct RefAdvertisement: Sendable {
    /// Full names in the server's order; `refs/tags/x^{}` is the object that an annotated tag
    /// points to.
    private(set) var references: [(name: String, id: ObjectID)] = []
    private(set) var capabilities: Capabilities = Capabilities("")

    /// The object that a full reference name points to; `nil` if there is no such reference.
    subscript(name: String) -> ObjectID? { references.first { $0.name == name }?.id }

    /// The full name of the branch that HEAD points to; `nil` if the server does not report it.
    private(set) var headName: String?

    /// Parses the complete response of `info/refs`.
    init(_ bytes: some Collection<UInt8>) throws(ProtocolError) {
        var reader = PktLineReader()
        reader.append(bytes)
        var isFirst = true
        while let packet = try reader.next() {
            guard case .line(let line) = packet, !line.starts(with: "# service=".utf8) else { continue }
            try add(Self.text(line), isFirst: &isFirst)
        }
        guard reader.isAtBoundary else { throw .truncated }
    }

    private mutating func add(_ line: String, isFirst: inout Bool) throws(ProtocolError) {
        if line.hasPrefix("ERR ") { throw .remote(String(line.dropFirst(4))) }
        if isFirst, line.hasPrefix("version ") { return }
        let halves = line.split(separator: "\0", maxSplits: 1, omittingEmptySubsequences: false)
        if isFirst, halves.count > 1 { apply(Capabilities(String(halves[1]))) }
        isFirst = false
        let fields = (halves.first ?? "").split(separator: " ", maxSplits: 1)
        // Shallow repositories list their boundary commits.
        if fields.first == "shallow" { return }
        guard fields.count == 2, let id = ObjectID(fields[0]) else { throw Self.refError(fields.first) }
        // A repository without references sends one line with a zero id, for its capabilities.
        if !id.isZero { references.append((String(fields[1]), id)) }
    }

    private mutating func apply(_ newCapabilities: Capabilities) {
        capabilities = newCapabilities
        headName = newCapabilities.values(of: "symref").first { $0.hasPrefix("HEAD:") }.map {
            String($0.dropFirst(5))
        }
    }

    /// Parses the response of `ls-refs`: `<id> <name>`, then optional `symref-target:<name>` and
    /// `peeled:<id>` (<https://git-scm.com/docs/protocol-v2#_ls_refs>).
    init(listing bytes: some Collection<UInt8>) throws(ProtocolError) {
        var (reader, isComplete) = (PktLineReader(), false)
        reader.append(bytes)
        while let packet = try reader.next() {
            switch packet {
            case .line(let line): try parseRefLine(Self.text(line))
            default: isComplete = true
            }
        }
        guard isComplete, reader.isAtBoundary else { throw .truncated }
    }

    private mutating func parseRefLine(_ line: String) throws(ProtocolError) {
        if line.hasPrefix("ERR ") { throw .remote(String(line.dropFirst(4))) }
        let fields = line.split(separator: " ")
        guard fields.count >= 2 else { throw .malformed("a line without a reference") }
        let name = String(fields[1])
        for attribute in fields.dropFirst(2) {
            if name == "HEAD", attribute.hasPrefix("symref-target:") {
                headName = String(attribute.dropFirst(14))
            }
            guard attribute.hasPrefix("peeled:"), let id = ObjectID(attribute.dropFirst(7)) else { continue }
            references.append((name + "^{}", id))
        }
        if fields[0] == "unborn" { return }
        guard let id = ObjectID(fields[0]) else { throw Self.refError(fields[0]) }
        references.append((name, id))
    }

    private static func refError(_ token: Substring?) -> ProtocolError {
        token?.count == 64
            ? .remote("the repository uses SHA-256 object ids; Spaces use SHA-1")
            : .malformed("a line without a reference")
    }

    private static func text(_ line: [UInt8]) -> String {
        String(decoding: line.last == UInt8(ascii: "\n") ? line.dropLast() : line[...], as: UTF8.self)
    }
}

/// A server's capabilities: `report-status side-band-64k symref=HEAD:refs/heads/main …`.
struct Capabilities: Hashable, Sendable {
    private let tokens: [Substring]

    init(_ text: String) { tokens = text.split(separator: " ") }

    func has(_ name: String) -> Bool { tokens.contains { $0 == name } }
    func values(of name: String) -> [Substring] {
        tokens.filter { $0.hasPrefix(name + "=") }.map { $0.dropFirst(name.count + 1) }
    }
}

extension RefAdvertisement {
    /// Resolves a branch, a tag or a full commit id; `nil` resolves HEAD.
    func find(_ revision: String?) -> (id: ObjectID, branch: String?)? {
        guard let revision, revision != "HEAD" else {
            let branch = headName.map { String($0.trimmingPrefix("refs/heads/")) }
            return (headName.flatMap { self[$0] } ?? self["HEAD"]).map { ($0, branch) }
        }
        let short = String(revision.trimmingPrefix("origin/"))
        for (name, branch) in [
            ("refs/heads/\(revision)", revision), ("refs/tags/\(revision)^{}", revision),
            ("refs/tags/\(revision)", revision), ("refs/heads/\(short)", short), (revision + "^{}", revision),
            (revision, revision),
        ] {
            if let id = self[name] { return (id, String(branch.trimmingPrefix(/refs\/[a-z]+\//))) }
        }
        // The server may accept a commit that no reference points to.
        return ObjectID(revision).map { ($0, nil) } ?? findByPrefix(revision)
    }

    private func findByPrefix(_ digits: String) -> (id: ObjectID, branch: String?)? {
        guard digits.utf8.count >= 7, digits.utf8.allSatisfy({ $0.hexDigit != nil }) else { return nil }
        let matches = Set(references.map(\.id).filter { $0.description.hasPrefix(digits.lowercased()) })
        return matches.count == 1 ? matches.first.map { ($0, nil) } : nil
    }

    /// The short names of branches and tags.
    var names: [String] {
        references.compactMap { name, _ in
            guard !name.hasSuffix("^{}") else { return nil }
            for prefix in ["refs/heads/", "refs/tags/"] where name.hasPrefix(prefix) {
                return String(name.dropFirst(prefix.count))
            }
            return nil
        }
    }
}
