import TextTools

/// The script of a simulated build and app: `.hub.json` in the pushed tree. All members are optional:
///
///     {
///       "lag": 0.5,                       seconds after the push until the API reports the new stage
///       "build": {
///         "seconds": 2,                   duration of the complete build
///         "fail": "pip install",          the first instruction that contains this text fails
///         "exit": 1,                      ... with this exit code
///         "log": ["line", …]              log lines of the failing instruction, or else of the last one
///       },
///       "start": {
///         "seconds": 1,                   from the end of the build until the app is healthy
///         "exit": 3,                      the app exits with this code instead: RUNTIME_ERROR
///         "error": "text",                RUNTIME_ERROR with this errorMessage
///         "log": ["line", …]              lines of the run log
///       },
///       "app": {                          responses by path; "*": all other paths (default 404)
///         "/": { "status": 200, "body": "hello", "headers": {"X-A": "b"}, "delay": 0.2 },
///         "/warm": [ {"status": 503}, {"status": 200} ]     one per request; the last one is repeated
///       },
///       "metrics": [ {"cpu_usage_pct": 12.5}, … ]           one per event; the last one is repeated
///     }
///
/// An invalid file is treated as if it were absent.
struct HubScenario: Codable, Hashable, Sendable {
    var json: JSON

    init(_ bytes: [UInt8]?) { json = bytes.flatMap { JSON($0) } ?? .object([:]) }

    var lag: Duration? { json["lag"].seconds }
    var buildTime: Duration? { json["build"]["seconds"].seconds }
    var startTime: Duration? { json["start"]["seconds"].seconds }
    var failingInstruction: String? { json["build"]["fail"].string }
    var buildExit: Int { json["build"]["exit"].int ?? 1 }
    var buildLines: [String] { (json["build"]["log"].array ?? []).compactMap(\.string) }
    var runLines: [String] { (json["start"]["log"].array ?? []).compactMap(\.string) }
    var appExit: Int? { json["start"]["exit"].int }
    var startError: String? { json["start"]["error"].string }
    var metrics: [JSON] { json["metrics"].array ?? [] }

    /// Returns the app's response for a path; `nil` if the file has no `app` member.
    /// - Parameter visit: the number of earlier requests for that path.
    func reply(to path: String, visit: Int) -> Reply? {
        guard let app = json["app"].object else { return nil }
        guard let entry = app[path] ?? app["*"] else { return Reply(["status": 404, "body": "Not Found\n"]) }
        guard let replies = entry.array else { return Reply(entry) }
        return Reply(replies.isEmpty ? [:] : replies[min(visit, replies.count - 1)])
    }

    /// A scripted response of the app.
    struct Reply: Sendable {
        var status: Int
        var body: String
        var headers: [String: String]
        var delay: Duration

        init(_ json: JSON) {
            status = json["status"].int.flatMap { (200..<600).contains($0) ? $0 : nil } ?? 200
            body = json["body"].string ?? (json["body"].isNull ? "" : json["body"].text)
            headers = (json["headers"].object ?? [:]).compactMapValues(\.string)
            delay = json["delay"].seconds ?? .zero
        }
    }
}

extension JSON {
    /// The number as a duration in seconds, clamped to 0 to 86,400 (one day).
    var seconds: Duration? { number.map { .milliseconds(Int64(min(max($0, 0), 86_400) * 1000)) } }
}
