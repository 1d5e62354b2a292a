import Essentials
import HTTPServer
import TextTools

/// The log of requests to the Hub. `GET /_hub/requests` returns it as an array of `{method, path,
/// query, host, status, request_bytes, response_bytes, user_agent, authorization, connection, time,
/// seconds}`. The byte counts are those of the bodies as sent; `status` is 0 if a simulated error
/// suppressed the response. `authorization` is only the scheme (`Basic`, `Bearer`, or null): tokens
/// are never stored. `DELETE` clears the log.
actor RequestLog {
    private var entries: [JSON] = []
    private let limit = 50_000

    func record(_ entry: AccessLogEntry) {
        guard entry.target.segments.first != "_hub", entries.count < limit else { return }
        let scheme = entry.fields["Authorization"]?.split(separator: " ").first
        entries.append([
            "method": .string(entry.method), "path": .string(entry.target.rawPath),
            "query": .string(entry.target.rawQuery), "host": .string(entry.fields["Host"] ?? ""),
            "status": .int(entry.status), "request_bytes": .int(entry.requestBytes),
            "response_bytes": .int(entry.responseBytes),
            "user_agent": .string(entry.fields["User-Agent"] ?? ""),
            "authorization": scheme.map { .string(String($0)) } ?? .null,
            "connection": .int(entry.connection), "time": .string(entry.started.hubText),
            "seconds": .number(entry.seconds),
        ])
    }

    func json() -> JSON { .array(entries) }
    func clear() { entries = [] }
}
