import TextTools

extension FailurePattern {
    /// Databases and services that the app expects on the same machine: a Space's container runs
    /// nothing else.
    static let services: [FailurePattern] = [
        FailurePattern(
            "refused", "connect call failed", "cannot assign requested address",
            "can't reach database server",
            "failed to connect to ollama"
        ) { at in
            guard isRelevant(at), let service = refusedService(at) else { return nil }
            return missingService(service, "nothing answers at \(service.displayAddress)", at)
        },
        FailurePattern(
            "could not translate host name", "getaddrinfo enotfound", "getaddrinfo eai_again",
            "name or service not known",
            "temporary failure in name resolution"
        ) { at in
            guard isRelevant(at), !at.symptoms.isBuild, let host = unresolvedHost(at.text),
                HostPort.isLabel(host)
            else { return nil }
            let port = HostPort(of: host, in: at.text)?.port
            return missingService(
                DependentService(host: host, port: port, told: at.line),
                "there is no host \(host) in a Space", at)
        },
    ]

    /// Whether the line is an error: not a warning, and not from an app that listens already.
    private static func isRelevant(_ at: LogMatch) -> Bool {
        !at.isListening && !at.line.isWarning
            && !at.line.has(anyOf: ["upstream", "retrying in", "falling back", "curl: ("])
    }

    private static func refusedService(_ at: LogMatch) -> DependentService? {
        if at.line.has("failed to connect to ollama"), !at.line.has("://") {
            return DependentService(host: "localhost", port: 11_434, told: at.line)
        }
        let isSplit =
            HostPort(locally: at.text) == nil
            && (at.line.has("could not connect to server")
                || at.following(6).contains { $0.has("address: ") })
        let text = isSplit ? at.following(8).map(\.text).joined(separator: " ") : at.text
        guard let endpoint = HostPort(locally: text) else { return nil }
        let service = DependentService(host: endpoint.host, port: endpoint.port, told: at.line)
        guard let port = service.port, service.isKnown || !at.symptoms.isStartTimeout else { return nil }
        // The app's own port, a trace collector (4317, 4318), or a helper on an ephemeral port.
        let isOther = port == at.symptoms.appPort ?? 7860 || [4317, 4318].contains(port) || port >= 32_768
        return isOther ? nil : service
    }

    /// Returns the host that could not be resolved: `host name "db"`, `ENOTFOUND redis`,
    /// `connecting to redis:6379`, `mongo:27017: [Errno`.
    private static func unresolvedHost(_ text: String) -> String? {
        let host =
            text.after("host name ")?.quoted ?? text.after("getaddrinfo enotfound ")?.firstWord
            ?? text.after("getaddrinfo eai_again ")?.firstWord ?? text.after("connecting to ")?.firstWord
            ?? text.after("connect to host ")?.firstWord ?? text.after("server on ")?.quoted
            ?? text.before(": [errno")?.lastWord
        return host.map { String($0.prefix { $0 != ":" }) }
    }

    private static func missingService(_ service: DependentService, _ why: String, _ at: LogMatch)
        -> CauseCandidate
    {
        guard !at.symptoms.isBuild else {
            return CauseCandidate(
                cause: .localService, why: "\(why) while the image is built",
                fix: "let the app do this when it starts (in its CMD), not a RUN of the Dockerfile",
                confidence: .likely)
        }
        return CauseCandidate(
            cause: .localService,
            why: "\(why): a Space is one container, and only what its command starts runs in it",
            fix:
                "take a hosted \(service.name) and give the app its address (spacesync secrets set \(at.space) "
                + "\(service.variable)=env:\(service.variable), by the name that the app reads), "
                + "or start one in the container before the app",
            confidence: .likely)
    }
}

/// A service that the app could not reach: its host, port and, if recognised, its name.
struct DependentService: Sendable {
    var host: String
    var port: Int?
    private var known: (port: Int, name: String, variable: String)?

    init(host: String, port: Int?, told line: NormalizedLine) {
        known =
            port.flatMap { port in Self.all.first { $0.port == port } }
            ?? Self.all.first { line.has(String($0.name.lowercased().prefix(5))) }
        (self.host, self.port) = (host, port ?? known?.port)
    }

    var isKnown: Bool { known != nil }
    var name: String { known?.name ?? "service" }
    var variable: String { known?.variable ?? "SERVICE_URL" }
    var displayAddress: String {
        (port.map { "\(host):\($0)" } ?? host) + (known.map { " (\($0.name))" } ?? "")
    }

    private static let all: [(port: Int, name: String, variable: String)] = [
        (5432, "Postgres", "DATABASE_URL"), (3306, "MySQL", "DATABASE_URL"), (6379, "Redis", "REDIS_URL"),
        (27_017, "MongoDB", "MONGODB_URI"), (11_434, "Ollama", "OLLAMA_HOST"), (6333, "Qdrant", "QDRANT_URL"),
        (9200, "Elasticsearch", "ELASTICSEARCH_URL"), (19_530, "Milvus", "MILVUS_URI"),
        (7687, "Neo4j", "NEO4J_URI"), (5672, "RabbitMQ", "RABBITMQ_URL"), (9092, "Kafka", "KAFKA_BROKERS"),
        (11_211, "Memcached", "MEMCACHED_URL"), (1433, "SQL Server", "DATABASE_URL"),
    ]
}

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
