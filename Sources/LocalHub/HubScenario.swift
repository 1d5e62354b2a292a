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

    var lag: Duration? { seconds(json["lag"]) }
    var buildTime: Duration? { seconds(json["build"]["seconds"]) }
    var startTime: Duration? { seconds(json["start"]["seconds"]) }
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
            delay = seconds(json["delay"]) ?? .zero
        }
    }
}

/// Returns a number of seconds as a duration, clamped to 0 to 86,400 (one day); `nil` for other values.
private func seconds(_ json: JSON) -> Duration? {
    json.number.map { .milliseconds(Int64(min(max($0, 0), 86_400) * 1000)) }
}

/// Warnings about unsupported members in `.hub.json`. They appear in the build log and are never
/// fatal.
extension HubScenario {
    /// Returns the warnings for the file's contents. Empty if there is no file.
    static func warnings(_ bytes: [UInt8]?) -> [String] {
        guard let bytes else { return [] }
        guard let json = JSON(bytes), json.object != nil else {
            return ["WARNING: .hub.json is not a JSON object and is ignored"]
        }
        return (unknownMembers(in: json, path: "", known: members) + unknownReplyMembers(json["app"]))
            .map { "WARNING: .hub.json: \($0)" }
    }

    /// The type of a member.
    private indirect enum Member {
        case any, number, text, lines, maps
        case object([String: Member])
    }

    private static let members: [String: Member] = [
        "lag": .number, "app": .object([:]), "metrics": .maps,
        "build": .object(["seconds": .number, "fail": .text, "exit": .number, "log": .lines]),
        "start": .object(["seconds": .number, "exit": .number, "error": .text, "log": .lines]),
    ]
    private static let replyMembers: [String: Member] = [
        "status": .number, "body": .any, "headers": .object([:]), "delay": .number,
    ]

    private static func unknownMembers(in json: JSON, path: String, known: [String: Member]) -> [String] {
        (json.object ?? [:]).sorted { $0.key < $1.key }.flatMap { key, value -> [String] in
            let name = path + key
            guard let member = known[key] else {
                return [
                    "unknown key \(name) is ignored (known keys: \(known.keys.sorted().joined(separator: ", ")))"
                ]
            }
            if !fits(value, member) { return ["\(name) must be \(typeName(member))"] }
            guard case .object(let inner) = member, !inner.isEmpty else { return [] }
            return unknownMembers(in: value, path: name + ".", known: inner)
        }
    }

    private static func unknownReplyMembers(_ app: JSON) -> [String] {
        (app.object ?? [:]).sorted { $0.key < $1.key }.flatMap { path, value in
            (value.array ?? [value]).flatMap {
                unknownMembers(in: $0, path: "app.\(path).", known: replyMembers)
            }
        }
    }

    private static func fits(_ value: JSON, _ member: Member) -> Bool {
        if value.isNull { return true }
        return switch member {
        case .any: true
        case .number: value.number != nil
        case .text: value.string != nil
        case .lines: value.array?.allSatisfy { $0.string != nil } ?? false
        case .maps: value.array?.allSatisfy { $0.object != nil } ?? false
        case .object: value.object != nil
        }
    }

    private static func typeName(_ member: Member) -> String {
        switch member {
        case .any: "anything"
        case .number: "a number"
        case .text: "a string"
        case .lines: "a list of strings"
        case .maps: "a list of objects"
        case .object: "an object"
        }
    }
}
