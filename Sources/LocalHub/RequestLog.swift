import Essentials
import HTTPServer
import TextTools

/// What the Hub was asked, for `GET /_hub/requests`: an array of
/// `{method, path, query, host, status, request_bytes, response_bytes, user_agent, authorization, connection, time, seconds}`.
/// Bytes are those of the bodies as they were sent; `status` is 0 where a fault left no answer. `authorization` is
/// the scheme alone (`Basic`, `Bearer`, or null): no token is ever kept. `DELETE` empties it.
actor RequestLog {
    private var entries: [JSON] = []
    private let limit = 50_000

    func record(_ exchange: AccessLogEntry) {
        guard exchange.target.segments.first != "_hub", entries.count < limit else { return }
        let scheme = exchange.fields["Authorization"]?.split(separator: " ").first
        entries.append([
            "method": .string(exchange.method), "path": .string(exchange.target.rawPath),
            "query": .string(exchange.target.rawQuery), "host": .string(exchange.fields["Host"] ?? ""),
            "status": .int(exchange.status), "request_bytes": .int(exchange.requestBytes),
            "response_bytes": .int(exchange.responseBytes),
            "user_agent": .string(exchange.fields["User-Agent"] ?? ""),
            "authorization": scheme.map { .string(String($0)) } ?? .null,
            "connection": .int(exchange.connection), "time": .string(exchange.started.hubText),
            "seconds": .number(exchange.seconds),
        ])
    }

    func json() -> JSON { .array(entries) }
    func clear() { entries = [] }
}
