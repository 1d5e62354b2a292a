import TextTools

/// How a build and an app are to be played: `.hub.json` in the pushed tree. All of it is optional:
///
///     {
///       "lag": 0.5,                       seconds in which the old stage is still told after the push
///       "build": {
///         "seconds": 2,                   the whole build
///         "fail": "pip install",          the first instruction that contains this text fails
///         "exit": 1,                      ... with this exit code
///         "log": ["line", …]              lines logged by the failing instruction, else by the last one
///       },
///       "start": {
///         "seconds": 1,                   from the end of the build until the app is healthy
///         "exit": 3,                      the app ends with this code instead: RUNTIME_ERROR
///         "error": "text",                RUNTIME_ERROR with this errorMessage
///         "log": ["line", …]              lines of the run log
///       },
///       "app": {                          answers by path; "*" for every other; else 404 when this is given
///         "/": { "status": 200, "body": "hello", "headers": {"X-A": "b"}, "delay": 0.2 },
///         "/warm": [ {"status": 503}, {"status": 200} ]     one after the other, the last stays
///       },
///       "metrics": [ {"cpu_usage_pct": 12.5}, … ]           given out one after the other
///     }
///
/// A file that is no such JSON is as none.
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

    /// What the app says to a path; `visit` counts the visits of that path from 0. Nil: the script names no paths.
    func reply(to path: String, visit: Int) -> Reply? {
        guard let app = json["app"].object else { return nil }
        guard let entry = app[path] ?? app["*"] else { return Reply(["status": 404, "body": "Not Found\n"]) }
        guard let turns = entry.array else { return Reply(entry) }
        return Reply(turns.isEmpty ? [:] : turns[min(visit, turns.count - 1)])
    }

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
    /// A number of seconds, at most a day.
    var seconds: Duration? { number.map { .milliseconds(Int64(min(max($0, 0), 86_400) * 1000)) } }
}
