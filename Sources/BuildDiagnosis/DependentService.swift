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
