import HubAPI
import Reporting
import SpacesModel
import Synchronization

extension Command {
    static let logs = Command(
        name: "logs", synopsis: "SPACE", summary: "what the app wrote, or the build",
        details: """
            Gives the lines that the Hub has, and ends when none comes for three seconds. The Hub shows logs to nobody
            without a token.
            """,
        flags: [
            Flag("--build", "the log of the build"),
            Flag("--follow -f", "stays for what comes, over restarts"),
            .tail,
        ] + Flag.verb
    ) { (invocation) async throws(Failure) in
        let words = try invocation.words(1...1, like: "logs owner/name")
        let tail = try invocation.count(.tail, like: "logs \(words[0]) -n 100")
        let office = try await Office(invocation, words)
        let kind: LogKind = invocation.arguments.has(named: "--build") ? .build : .run
        let space = try office.space()
        let lines = LogOutput(office.results, space, kind)
        return await office.serve(space) { (hub, _) async throws(Failure) in
            do throws(Failure) {
                let isFollowing = invocation.arguments.has(named: "--follow")
                try await isFollowing ? lines.follow(hub, tail) : lines.replay(hub, tail)
                if tail != 0, !lines.hasAny { await office.tellNoLines(of: hub, kind) }
            } catch {
                // Whoever reads has gone: there is nothing more to do.
                guard office.results.isClosed else { throw error }
            }
        }
    }
}

extension Flag {
    static let tail = Flag("--tail -n", value: "N", "no more than the last N lines")
}

extension Invocation {
    /// A flag's number, from 0.
    /// - Throws: kind `usage`.
    func count(_ flag: Flag, like line: String) throws(Failure) -> Int? {
        guard let text = arguments.value(flag) else { return nil }
        guard let count = Int(text), count >= 0 else {
            throw Failure(.usage, "\(flag.names[0]) takes a number, not \(text)", hint: "spacesync \(line)")
        }
        return count
    }
}

extension Office {
    /// Silence has a reason that the stage tells.
    fileprivate func tellNoLines(of hub: HubSpace, _ kind: LogKind) async {
        let stage = (try? await hub.runtime())?.stage.description ?? "of unknown stage"
        let other = kind == .build ? "spacesync logs \(hub.space)" : "spacesync logs \(hub.space) --build"
        tell(
            "no lines of the \(kind == .build ? "build" : "app"); \(hub.space) is \(stage): \(other)",
            about: hub.space)
    }
}

/// Lines of a log on standard output.
private final class LogOutput: Sendable {
    private let results: Results
    private let space: SpaceID
    private let kind: LogKind
    private let given = Mutex(0)

    init(_ results: Results, _ space: SpaceID, _ kind: LogKind) {
        (self.results, self.space, self.kind) = (results, space, kind)
    }

    func replay(_ hub: HubSpace, _ tail: Int?) async throws(Failure) {
        guard let tail else { return try await hub.replay(kind) { [self] in give($0) } }
        let end = LogEnd(keeping: tail) { [self] in give($0) }
        try await hub.replay(kind, tail: max(1, tail)) { await end.take($0) }
        await end.release()
    }

    /// A build's log ends with the build; an app's goes on.
    func follow(_ hub: HubSpace, _ tail: Int?) async throws(Failure) {
        let end = LogEnd(keeping: tail) { [self] in give($0) }
        let releasing = Task { await end.releaseWhenQuiet() }
        defer { releasing.cancel() }
        if kind == .build {
            try await hub.follow(kind) { await end.take($0) }
        } else {
            try await hub.followOn(kind) { await end.take($0) }
        }
        await end.release()
    }

    var hasAny: Bool { given.withLock { $0 > 0 } }

    private func give(_ line: LogLine) {
        given.withLock { $0 += 1 }
        results.give(
            space, text: [line.text.visible], quiet: line.text,
            json: [
                ("stream", .string(kind.rawValue)), ("line", .string(line.text)),
                ("timestamp", .optional(line.timestamp)),
            ], as: "log")
        if results.isClosed { withUnsafeCurrentTask { $0?.cancel() } }
    }
}

/// The last lines of what is stored, held back until it is known which they are; then every line as it comes.
private actor LogEnd {
    private var held: [LogLine]?
    private let limit: Int
    private let give: @Sendable (LogLine) -> Void
    private var last = ContinuousClock.now
    /// A log that never pauses is shown from then on.
    private let latest = ContinuousClock.now + .seconds(10)

    /// - Parameter limit: nil holds nothing back.
    init(keeping limit: Int?, _ give: @escaping @Sendable (LogLine) -> Void) {
        // More lines than this are never stored, and twice as many must be a number.
        (self.limit, self.give) = (min(limit ?? 0, 1_000_000), give)
        held = limit.map { _ in [] }
    }

    func take(_ line: LogLine) {
        last = .now
        guard held != nil else { return give(line) }
        held?.append(line)
        if let count = held?.count, count > 2 * limit + 100 { held?.removeFirst(count - limit) }
    }

    func release() {
        guard let lines = held else { return }
        held = nil
        lines.suffix(limit).forEach(give)
    }

    /// What is stored comes without a break.
    func releaseWhenQuiet() async {
        while held != nil, !Task.isCancelled {
            let isQuiet = last.duration(to: .now) > .milliseconds(held?.isEmpty == true ? 3000 : 700)
            if isQuiet || .now >= latest { return release() }
            try? await Task.sleep(for: .milliseconds(100))
        }
    }
}
