import TextTools

/// Warnings about unsupported members in `.hub.json`. They appear in the build log and are never
/// fatal.
extension HubScenario {
    /// Returns the warnings for the file's contents. Empty if there is no file.
    static func warnings(_ bytes: [UInt8]?) -> [String] {
        guard let bytes else { return [] }
        guard let json = JSON(bytes), json.object != nil else {
            return ["WARNING: .hub.json is no JSON object, and counts as empty"]
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
                    "\(name) is not known here, and does nothing (\(known.keys.sorted().joined(separator: ", ")) are)"
                ]
            }
            if !fits(value, member) { return ["\(name) has to be \(typeName(member))"] }
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
        case .text: "a text"
        case .lines: "a list of texts"
        case .maps: "a list of objects"
        case .object: "an object"
        }
    }
}
