extension Clue {
    /// Databases and services that an app looks for beside itself: in a Space's container nothing else runs.
    static let services: [Clue] = [
        Clue(
            "refused", "connect call failed", "cannot assign requested address",
            "can't reach database server",
            "failed to connect to ollama"
        ) { at in
            guard isTelling(at), let service = refused(at) else { return nil }
            return absent(service, "nothing answers at \(service.place)", at)
        },
        Clue(
            "could not translate host name", "getaddrinfo enotfound", "getaddrinfo eai_again",
            "name or service not known",
            "temporary failure in name resolution"
        ) { at in
            guard isTelling(at), !at.symptoms.isBuild, let host = unresolved(at.text),
                Endpoint.isLabel(host)
            else { return nil }
            let port = Endpoint(of: host, in: at.text)?.port
            return absent(
                Service(host: host, port: port, told: at.line), "there is no host \(host) in a Space", at)
        },
    ]

    /// Not what is only grumbled about, beside an app that listens.
    private static func isTelling(_ at: Sighted) -> Bool {
        !at.line.isWarning && !at.line.has(anyOf: ["upstream", "retrying in", "falling back", "curl: ("])
            && !(at.symptoms.isStartTimeout && Listening(at.symptoms.run).isTold)
    }

    private static func refused(_ at: Sighted) -> Service? {
        if at.line.has("failed to connect to ollama") {
            return Service(host: "localhost", port: 11_434, told: at.line)
        }
        let isCut =
            Endpoint(locally: at.text) == nil
            && (at.line.has("could not connect to server")
                || at.following(6).contains { $0.has("address: ") })
        let text = isCut ? at.following(8).map(\.text).joined(separator: " ") : at.text
        guard let endpoint = Endpoint(locally: text) else { return nil }
        let service = Service(host: endpoint.host, port: endpoint.port, told: at.line)
        guard let port = service.port, service.isKnown || !at.symptoms.isStartTimeout else { return nil }
        // The app asks itself; what collects traces; a helper on a port that the system gave it.
        let isOther = port == at.symptoms.appPort ?? 7860 || [4317, 4318].contains(port) || port >= 32_768
        return isOther ? nil : service
    }

    /// The host that has no address: `host name "db"`, `ENOTFOUND redis`, `connecting to redis:6379`, `mongo:27017: [Errno`.
    private static func unresolved(_ text: String) -> String? {
        let told =
            text.after("host name ")?.quoted ?? text.after("getaddrinfo enotfound ")?.firstWord
            ?? text.after("getaddrinfo eai_again ")?.firstWord ?? text.after("connecting to ")?.firstWord
            ?? text.after("connect to host ")?.firstWord ?? text.after("server on ")?.quoted
            ?? text.before(": [errno")?.lastWord
        return told.map { String($0.prefix { $0 != ":" }) }
    }

    private static func absent(_ service: Service, _ why: String, _ at: Sighted) -> Explanation {
        guard !at.symptoms.isBuild else {
            return Explanation(
                cause: .localService, why: "\(why) while the image is built",
                mend: "let the app do this when it starts (in its CMD), not a RUN of the Dockerfile",
                weight: .likely)
        }
        return Explanation(
            cause: .localService,
            why: "\(why): a Space is one container, and only what its command starts runs in it",
            mend:
                "take a hosted \(service.name) and give the app its address (spacesync secrets set \(at.space) "
                + "\(service.variable)=env:\(service.variable), by the name that the app reads), "
                + "or start one in the container before the app",
            weight: .likely)
    }
}

/// What was to answer, and where.
private struct Service {
    var host: String
    var port: Int?
    private var known: (port: Int, name: String, variable: String)?

    init(host: String, port: Int?, told line: SearchedLine) {
        known =
            port.flatMap { port in Self.all.first { $0.port == port } }
            ?? Self.all.first { line.has(String($0.name.lowercased().prefix(5))) }
        (self.host, self.port) = (host, port ?? known?.port)
    }

    var isKnown: Bool { known != nil }
    var name: String { known?.name ?? "service" }
    var variable: String { known?.variable ?? "SERVICE_URL" }
    var place: String {
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

/// Host and port, in the many ways in which clients print them.
private struct Endpoint {
    var host: String
    var port: Int?

    /// One in this container: `localhost:5432`, `host='localhost', port=11434`, `('127.0.0.1', 6379)`,
    /// `"localhost" (127.0.0.1), port 5432`, `address: '::1', port: 3306`.
    init?(locally text: String) {
        self.init(in: text) { ["localhost", "127.0.0.1", "::1", "0.0.0.0"].contains($0) }
    }
    init?(of host: String, in text: String) { self.init(in: text) { $0 == host } }

    private init?(in text: String, where isWanted: (String) -> Bool) {
        let words = text.split { " \t\r\n\\'\"`()[]{}<>,;=?".contains($0) }.map(Self.authority)
            .filter { !$0.host.isEmpty || $0.port != nil }
        guard let index = words.firstIndex(where: { isWanted($0.host) }) else { return nil }
        host = words[index].host
        port = words[index...].lazy.prefix(2).compactMap(\.port).first ?? Self.named(in: words[index...])
    }

    /// `port 5432`; or a number straight behind the host that is no error's: `111`.
    private static func named(in words: ArraySlice<(host: String, port: Int?)>) -> Int? {
        let rest = words.dropFirst().prefix(8)
        if let mark = rest.firstIndex(where: { ["port", "port:"].contains($0.host.lowercased()) }) {
            return rest[mark...].dropFirst().first.flatMap { Int($0.host) }
        }
        return rest.first.flatMap { Int($0.host) }.flatMap { $0 >= 1024 && $0 < 65_536 ? $0 : nil }
    }

    /// `tcp://user@localhost:5432/name.` is `localhost`, 5432; `:5432` has no host.
    private static func authority(_ word: Substring) -> (host: String, port: Int?) {
        var text = String(word)
        if let rest = text.after("://") { text = rest }
        if let at = text.lastIndex(of: "@") { text = String(text[text.index(after: at)...]) }
        text = String(text.prefix { $0 != "/" })
        while let last = text.last, ".:".contains(last), text != "::1" { text.removeLast() }
        guard let colon = text.lastIndex(of: ":"), text != "::1",
            let port = Int(text[text.index(after: colon)...]), (1...65_535).contains(port)
        else { return (text, nil) }
        return (String(text[..<colon]), port)
    }

    /// A name without a dot, such as the services of a compose file have.
    static func isLabel(_ host: String) -> Bool {
        host != "localhost" && host.utf8.first?.isLetter == true
            && host.utf8.allSatisfy { $0.isLetter || $0.isDigit || "-_".utf8.contains($0) }
    }
}
