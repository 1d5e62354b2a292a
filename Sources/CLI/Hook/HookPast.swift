import Essentials
import Reporting
import SpacesModel
import TextTools

/// What came of the last pushes to a repository.
struct HookPast: Sendable {
    /// What one push did to one Space.
    struct Deploy: Sendable {
        var entry: HookOutcome.Entry
        var began: Date
        var ended: Date?
        var process: Int32
        var isGoingOn: Bool
        /// Nobody was there to hear how it ended.
        var isUnheard: Bool
        var story: HookStory
        var log: String { story.log }
    }

    /// The newest first.
    let deploys: [Deploy]

    init(of repository: String, _ world: World) {
        deploys = HookFolder.stories(of: repository, world).flatMap { story -> [Deploy] in
            guard let outcome = story.outcome else { return [] }
            let isGoingOn = story.isGoingOn
            return outcome.entries.map { entry in
                Deploy(
                    entry: entry, began: Date(timeIntervalSince1970: outcome.began),
                    ended: entry.ended.map { Date(timeIntervalSince1970: $0) }, process: outcome.process,
                    isGoingOn: isGoingOn && entry.outcome == nil,
                    isUnheard: story.isLeft && entry.exit != 0, story: story)
            }
        }
    }

    func last(of space: SpaceID) -> Deploy? { deploys.first { $0.entry.space == space.description } }
}

extension HookPast.Deploy {
    /// `deployed at 1a2b3c4`, `goes on: pushed at 1a2b3c4, BUILDING (process 12)`.
    var state: String {
        if isGoingOn { return "goes on: \(entry.state) (process \(process))" }
        guard entry.outcome != nil else {
            return "cut off: \(entry.state); the next push, or spacesync push, takes it up"
        }
        let message = entry.message.map { ": \($0)" } ?? ""
        return entry.state + message
    }

    /// Somebody is told now.
    func hear() { story.take() }

    var age: String { Age.ago((ended ?? began).formatted(.iso8601)) }

    /// As `hook status` lists it.
    var row: [String] {
        let space = entry.space.isEmpty ? "" : " -> \(entry.space)"
        return [
            age, "\(entry.branch.shortened(to: ShownLimit.branch)) \(entry.source.prefix(7))\(space)", state,
        ].map(\.visible)
    }

    var json: OrderedJSON {
        .object([
            ("space", entry.space.isEmpty ? .null : .string(entry.space)), ("branch", .string(entry.branch)),
            ("source_commit", .string(entry.source)), ("commit", .optional(entry.commit)),
            ("outcome", .optional(entry.outcome)), ("exit", entry.exit.map(OrderedJSON.int) ?? .null),
            ("stage", .optional(entry.stage)), ("message", .optional(entry.message)),
            ("began", .string(began.formatted(.iso8601))),
            ("ended", .optional(ended.map { $0.formatted(.iso8601) })), ("goes_on", .bool(isGoingOn)),
            ("process", isGoingOn ? .int(Int(process)) : .null), ("log", .string(log)),
        ])
    }
}
