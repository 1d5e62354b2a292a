import TextTools

/// Databases and other services that the app expects on the same machine: a Space's container runs only what
/// its command starts.
enum ServiceFailures {
    static let patterns: [FailurePattern] = [
        FailurePattern(
            .localService, refused, .likely, when: [.build] + fatal + [.computed(refusedService)],
            why: "nothing listens at {address} while the image is built",
            fix: "do this when the app starts (in its CMD), not in a RUN of the Dockerfile"),
        FailurePattern(
            .localService, refused, .likely, when: [.app] + fatal + [.computed(refusedService)],
            why: "nothing listens at {address}: \(oneContainer)", fix: takeHosted),
        FailurePattern(
            .localService, unresolved, .likely,
            when: [.app, .line(unresolvedHosts)] + fatal + [.computed(unresolvedService)],
            why: "the host {host} does not exist in a Space: \(oneContainer)", fix: takeHosted),
    ]

    private static let refused: LinePattern = [
        "refused|connect call failed|cannot assign requested address|can't reach database server",
        "failed to connect to ollama",
    ]
    private static let unresolved: LinePattern = [
        "could not translate host name|getaddrinfo enotfound|getaddrinfo eai_again",
        "name or service not known|temporary failure in name resolution",
    ]
    private static let unresolvedHosts: LinePattern = [
        "host name '{name}'|getaddrinfo enotfound {name}|getaddrinfo eai_again {name}",
        "connecting to {name}|connect to host {name}|server on '{name}'|{name}: [errno",
    ]

    /// The line is an error: not a warning or a retry, and not from an app that listens already.
    private static let fatal: [Condition] = [
        .error, .not(.line("upstream|retrying in|falling back|curl: (")),
        .computed { $0.context.isStartTimeout && ListenAddressDetector($0.context.run).hasPort ? nil : [:] },
    ]

    private static let oneContainer = "a Space is a single container that runs only what its command starts"
    private static let takeHosted =
        "use a hosted {service} and give the app its address (spacesync secrets set {space} "
        + "{variable}=env:{variable}, with the variable name that the app reads), or start one in the container before the app"

    private static func refusedService(_ match: LogMatch) -> [String: String]? {
        if match.line.has("failed to connect to ollama"), !match.line.has("://") {
            return service("localhost", 11_434, match.line)
        }
        // Some clients print the address in the next lines.
        let isSplit =
            HostPort(in: match.line.text) == nil
            && (match.line.has("could not connect to server")
                || match.lines(0..<6).contains { $0.has("address: ") })
        let text =
            isSplit ? match.lines(0..<8).map(\.text).joined(separator: " ") : match.line.text
        guard let endpoint = HostPort(in: text),
            let values = service(endpoint.host, endpoint.port, match.line),
            let port = values["port"].flatMap({ Int($0) }),
            values["service"] != "service" || !match.context.isStartTimeout
        else { return nil }
        // The app's own port, a trace collector (4317, 4318), or a helper on an ephemeral port.
        let isOther = port == match.context.appPort ?? 7860 || [4317, 4318].contains(port) || port >= 32_768
        return isOther ? nil : values
    }

    private static func unresolvedService(_ match: LogMatch) -> [String: String]? {
        let host = String((match["name"] ?? "").prefix { $0 != ":" })
        guard HostPort.isLabel(host) else { return nil }
        return service(host, HostPort([host], in: match.line.text)?.port, match.line)
    }

    /// Returns the values of the texts. The service is identified by its port, or else by its name in the line.
    private static func service(_ host: String, _ port: Int?, _ line: NormalizedLine) -> [String: String]? {
        let known =
            port.flatMap { port in services.first { $0.port == port } }
            ?? services.first { line.has(LinePattern($0.name.prefix(5).lowercased())) }
        var values = ["host": host, "service": known?.name ?? "service"]
        values["variable"] = known?.variable ?? "SERVICE_URL"
        values["port"] = (port ?? known?.port).map(String.init)
        values["address"] =
            host + (values["port"].map { ":\($0)" } ?? "") + (known.map { " (\($0.name))" } ?? "")
        return values
    }

    private static let services: [(port: Int, name: String, variable: String)] = [
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

    /// Finds the first of the hosts, by default this container, with its port: `localhost:5432`,
    /// `host='localhost', port=11434`, `('127.0.0.1', 6379)`, `"localhost" (127.0.0.1), port 5432`,
    /// `address: '::1', port: 3306`.
    init?(_ hosts: [String] = ["localhost", "127.0.0.1", "::1", "0.0.0.0"], in text: String) {
        let tokens = text.split { " \t\r\n\\'\"`()[]{}<>,;=?".contains($0) }.map(Self.authority)
            .filter { !$0.host.isEmpty || $0.port != nil }
        guard let index = tokens.firstIndex(where: { hosts.contains($0.host) }) else { return nil }
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
