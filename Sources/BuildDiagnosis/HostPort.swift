import TextTools

/// A host and port, in the various formats that clients print.
struct HostPort: Hashable, Sendable {
    var host: String
    var port: Int?

    /// Finds an address in this container: `localhost:5432`, `host='localhost', port=11434`,
    /// `('127.0.0.1', 6379)`, `"localhost" (127.0.0.1), port 5432`, `address: '::1', port: 3306`.
    init?(locally text: String) {
        self.init(in: text) { ["localhost", "127.0.0.1", "::1", "0.0.0.0"].contains($0) }
    }
    init?(of host: String, in text: String) { self.init(in: text) { $0 == host } }

    private init?(in text: String, where isIncluded: (String) -> Bool) {
        let tokens = text.split { " \t\r\n\\'\"`()[]{}<>,;=?".contains($0) }.map(Self.authority)
            .filter { !$0.host.isEmpty || $0.port != nil }
        guard let index = tokens.firstIndex(where: { isIncluded($0.host) }) else { return nil }
        host = tokens[index].host
        port =
            tokens[index...].lazy.prefix(2).compactMap(\.port).first
            ?? Self.explicitPort(in: tokens[index...])
    }

    /// Returns the port of `port 5432`, or a number directly after the host if it is a port and not
    /// an error number such as `111`.
    private static func explicitPort(in tokens: ArraySlice<(host: String, port: Int?)>) -> Int? {
        let following = tokens.dropFirst().prefix(8)
        if let portIndex = following.firstIndex(where: { ["port", "port:"].contains($0.host.lowercased()) }) {
            return following[portIndex...].dropFirst().first.flatMap { Int($0.host) }
        }
        return following.first.flatMap { Int($0.host) }.flatMap { $0 >= 1024 && $0 < 65_536 ? $0 : nil }
    }

    /// Returns host and port of one token: `localhost` and 5432 of
    /// `tcp://user@localhost:5432/name.`; `:5432` has no host.
    private static func authority(_ token: Substring) -> (host: String, port: Int?) {
        var text = String(token)
        if let withoutScheme = text.after("://") { text = withoutScheme }
        if let separator = text.lastIndex(of: "@") { text = String(text[text.index(after: separator)...]) }
        text = String(text.prefix { $0 != "/" })
        while let last = text.last, ".:".contains(last), text != "::1" { text.removeLast() }
        guard let colon = text.lastIndex(of: ":"), text != "::1",
            let port = Int(text[text.index(after: colon)...]), (1...65_535).contains(port)
        else { return (text, nil) }
        return (String(text[..<colon]), port)
    }

    /// Whether the host is a name without a dot, like the service names of a Compose file.
    static func isLabel(_ host: String) -> Bool {
        host != "localhost" && host.utf8.first?.isLetter == true
            && host.utf8.allSatisfy { $0.isLetter || $0.isDigit || "-_".utf8.contains($0) }
    }
}
