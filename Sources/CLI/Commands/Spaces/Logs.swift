import Documentation
import HubAPI
import Reporting
import SpacesModel
import Synchronization

extension Command {
    static let logs = Command(
        .logs,
        flags: [
            Flag("--build", "the log of the build"),
            Flag("--follow -f", "stays for what comes, over restarts"),
            .tail,
        ] + Flag.spaceCommand
    ) { (invocation) async throws(DeployError) in
        let words = try invocation.positionals(1...1, like: "logs owner/name")
        let tail = try invocation.count(.tail, like: "logs \(words[0]) -n 100")
        let office = try await SpaceCommandContext(invocation, words)
        let kind: LogKind = invocation.arguments.has(named: "--build") ? .build : .run
        let space = try office.space()
        let lines = LogOutput(office.results, space, kind)
        return await office.withSpace(space) { (hub, _) async throws(DeployError) in
            do throws(DeployError) {
                let isFollowing = invocation.arguments.has(named: "--follow")
                try await isFollowing ? lines.follow(hub, tail) : lines.replay(hub, tail)
                if tail != 0, !lines.hasAny { await office.logNoLines(of: hub, kind) }
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
    func count(_ flag: Flag, like line: String) throws(DeployError) -> Int? {
        guard let text = arguments.value(flag) else { return nil }
        guard let count = Int(text), count >= 0 else {
            throw DeployError(
                .usage, "\(flag.names[0]) takes a number, not \(text)", hint: "spacesync \(line)")
        }
        return count
    }
}

extension SpaceCommandContext {
    /// Silence has a reason that the stage tells.
    fileprivate func logNoLines(of hub: HubSpace, _ kind: LogKind) async {
        let stage = (try? await hub.runtime())?.stage.description ?? "of unknown stage"
        let other = kind == .build ? "spacesync logs \(hub.space)" : "spacesync logs \(hub.space) --build"
        log(
            "no lines of the \(kind == .build ? "build" : "app"); \(hub.space) is \(stage): \(other)",
            about: hub.space)
    }
}

/// Lines of a log on standard output.
private final class LogOutput: Sendable {
    private let results: ResultWriter
    private let space: SpaceID
    private let kind: LogKind
    private let lineCount = Mutex(0)

    init(_ results: ResultWriter, _ space: SpaceID, _ kind: LogKind) {
        (self.results, self.space, self.kind) = (results, space, kind)
    }

    func replay(_ hub: HubSpace, _ tail: Int?) async throws(DeployError) {
        guard let tail else { return try await hub.replay(kind) { [self] in print($0) } }
        let end = TailBuffer(keeping: tail) { [self] in print($0) }
        try await hub.replay(kind, tail: max(1, tail)) { await end.append($0) }
        await end.release()
    }

    /// A build's log ends with the build; an app's goes on.
    func follow(_ hub: HubSpace, _ tail: Int?) async throws(DeployError) {
        let end = TailBuffer(keeping: tail) { [self] in print($0) }
        let releasing = Task { await end.releaseWhenQuiet() }
        defer { releasing.cancel() }
        if kind == .build {
            try await hub.follow(kind) { await end.append($0) }
        } else {
            try await hub.followContinuously(kind) { await end.append($0) }
        }
        await end.release()
    }

    var hasAny: Bool { lineCount.withLock { $0 > 0 } }

    private func print(_ line: LogLine) {
        lineCount.withLock { $0 += 1 }
        results.write(
            space, text: [line.text.visible], quiet: line.text,
            json: [
                ("stream", .string(kind.rawValue)), ("line", .string(line.text)),
                ("timestamp", .optional(line.timestamp)),
            ], as: "log")
        if results.isClosed { withUnsafeCurrentTask { $0?.cancel() } }
    }
}

/// The last lines of what is stored, held back until it is known which they are; then every line as it comes.
private actor TailBuffer {
    private var buffered: [LogLine]?
    private let limit: Int
    private let print: @Sendable (LogLine) -> Void
    private var lastReceived = ContinuousClock.now
    /// A log that never pauses is shown from then on.
    private let deadline = ContinuousClock.now + .seconds(10)

    /// - Parameter limit: nil holds nothing back.
    init(keeping limit: Int?, _ print: @escaping @Sendable (LogLine) -> Void) {
        // More lines than this are never stored, and twice as many must be a number.
        (self.limit, self.print) = (min(limit ?? 0, 1_000_000), print)
        buffered = limit.map { _ in [] }
    }

    func append(_ line: LogLine) {
        lastReceived = .now
        guard buffered != nil else { return print(line) }
        buffered?.append(line)
        if let count = buffered?.count, count > 2 * limit + 100 { buffered?.removeFirst(count - limit) }
    }

    func release() {
        guard let lines = buffered else { return }
        buffered = nil
        lines.suffix(limit).forEach(print)
    }

    /// What is stored comes without a break.
    func releaseWhenQuiet() async {
        while buffered != nil, !Task.isCancelled {
            let isQuiet =
                lastReceived.duration(to: .now) > .milliseconds(buffered?.isEmpty == true ? 3000 : 700)
            if isQuiet || .now >= deadline { return release() }
            try? await Task.sleep(for: .milliseconds(100))
        }
    }
}
