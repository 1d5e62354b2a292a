import SpacesModel

/// What a repository offers: its references, and what its server can do
/// (<https://git-scm.com/docs/http-protocol#_smart_server_response>).
struct RefAdvertisement: Sendable {
    /// In the server's order, full names; `refs/tags/x^{}` is what an annotated tag leads to.
    private(set) var references: [(name: String, id: ObjectID)] = []
    private(set) var capabilities: Capabilities = Capabilities("")

    /// What a full reference name points to.
    subscript(name: String) -> ObjectID? { references.first { $0.name == name }?.id }

    /// The branch that HEAD names, in full.
    private(set) var headName: String?

    /// Reads the whole answer to `info/refs`.
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
        let words = (halves.first ?? "").split(separator: " ", maxSplits: 1)
        // Shallow repositories name their borders.
        if words.first == "shallow" { return }
        guard words.count == 2, let id = ObjectID(words[0]) else { throw Self.refError(words.first) }
        // A repository without references has one line, for its capabilities.
        if !id.isZero { references.append((String(words[1]), id)) }
    }

    private mutating func apply(_ offered: Capabilities) {
        capabilities = offered
        headName = offered.values(of: "symref").first { $0.hasPrefix("HEAD:") }.map {
            String($0.dropFirst(5))
        }
    }

    /// Reads the answer to `ls-refs`: `<id> <name>`, then `symref-target:<name>` and `peeled:<id>` where there are
    /// such (<https://git-scm.com/docs/protocol-v2#_ls_refs>).
    init(listing bytes: some Collection<UInt8>) throws(ProtocolError) {
        var (reader, isWhole) = (PktLineReader(), false)
        reader.append(bytes)
        while let packet = try reader.next() {
            switch packet {
            case .line(let line): try parseRefLine(Self.text(line))
            default: isWhole = true
            }
        }
        guard isWhole, reader.isAtBoundary else { throw .truncated }
    }

    private mutating func parseRefLine(_ line: String) throws(ProtocolError) {
        if line.hasPrefix("ERR ") { throw .remote(String(line.dropFirst(4))) }
        let words = line.split(separator: " ")
        guard words.count >= 2 else { throw .malformed("a line that names no reference") }
        let name = String(words[1])
        for word in words.dropFirst(2) {
            if name == "HEAD", word.hasPrefix("symref-target:") { headName = String(word.dropFirst(14)) }
            guard word.hasPrefix("peeled:"), let id = ObjectID(word.dropFirst(7)) else { continue }
            references.append((name + "^{}", id))
        }
        if words[0] == "unborn" { return }
        guard let id = ObjectID(words[0]) else { throw Self.refError(words[0]) }
        references.append((name, id))
    }

    private static func refError(_ token: Substring?) -> ProtocolError {
        token?.count == 64
            ? .remote("it names its objects by SHA-256, a Space by SHA-1")
            : .malformed("a line that names no reference")
    }

    private static func text(_ line: [UInt8]) -> String {
        String(decoding: line.last == UInt8(ascii: "\n") ? line.dropLast() : line[...], as: UTF8.self)
    }
}

/// What a server can do: `report-status side-band-64k symref=HEAD:refs/heads/main …`.
struct Capabilities: Hashable, Sendable {
    private let tokens: [Substring]

    init(_ text: String) { tokens = text.split(separator: " ") }

    func has(_ name: String) -> Bool { tokens.contains { $0 == name } }
    func values(of name: String) -> [Substring] {
        tokens.filter { $0.hasPrefix(name + "=") }.map { $0.dropFirst(name.count + 1) }
    }
}
