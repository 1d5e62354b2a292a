import Documentation
import HubAPI
import Reporting
import SpacesModel
import Synchronization
import TextTools

/// The command `logs`: prints the log of the app or of its build.
enum LogsCommand {
    static let command = Command(
        .logs, flags: [build, follow, tailFlag] + Flag.spaceCommand
    ) { (invocation) async throws(DeployError) in
        let positionals = try invocation.positionals(1...1, like: "logs owner/name")
        let tail = try invocation.count(tailFlag, like: "logs \(positionals[0]) -n 100")
        let context = try await SpaceCommandContext(invocation, positionals)
        let kind: LogKind = invocation.arguments.has(build) ? .build : .run
        let space = try context.space()
        let output = LogOutput(context.results, space, kind)
        let isFollowing = invocation.arguments.has(follow)
        let show: @Sendable () async -> Int = {
            await context.withSpace(space) { (hub, _) async throws(DeployError) in
                do throws(DeployError) {
                    try await isFollowing ? output.follow(hub, tail) : output.replay(hub, tail)
                    if tail != 0, !output.hasAny { await logNoLines(of: hub, kind, context) }
                } catch {
                    // The reader closed standard output, so there is nothing left to do.
                    guard context.results.isClosed else { throw error }
                }
            }
        }
        guard isFollowing else { return await show() }
        return try await Viewer.run(invocation.environment) { () async throws(DeployError) in await show() }
    }

    private static let build = Flag("--build", "print the log of the build")
    private static let follow = Flag(
        "--follow -f", "keep printing new lines, also after restarts; with --build, until the build ends")
    private static let tailFlag = Flag("--tail -n", value: "N", "print only the last N lines")

    /// Logs the Space's stage as the reason why its log is empty.
    private static func logNoLines(
        of hub: HubSpace, _ kind: LogKind, _ context: SpaceCommandContext
    ) async {
        let stage = (try? await hub.runtime())?.stage.description ?? "in an unknown stage"
        let other = kind == .build ? "spacesync logs \(hub.space)" : "spacesync logs \(hub.space) --build"
        context.log(
            "the \(kind == .build ? "build" : "app") log is empty; \(hub.space) is \(stage); see also: \(other)",
            about: hub.space)
    }
}

/// A writer of log lines to standard output.
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
        let buffer = TailBuffer(keeping: tail) { [self] in print($0) }
        try await hub.replay(kind, tail: max(1, tail)) { await buffer.append($0) }
        await buffer.release()
    }

    /// Follows the log. A build log ends with its build; an app log continues after restarts.
    func follow(_ hub: HubSpace, _ tail: Int?) async throws(DeployError) {
        let buffer = TailBuffer(keeping: tail) { [self] in print($0) }
        let releaseTask = Task { await buffer.releaseWhenQuiet() }
        defer { releaseTask.cancel() }
        if kind == .build {
            try await hub.follow(kind) { await buffer.append($0) }
        } else {
            try await hub.followContinuously(kind) { await buffer.append($0) }
        }
        await buffer.release()
    }

    var hasAny: Bool { lineCount.withLock { $0 > 0 } }

    private func print(_ line: LogLine) {
        lineCount.withLock { $0 += 1 }
        results.write(
            space, text: [line.text.visible], quiet: line.text,
            json: [
                "stream": .string(kind.rawValue), "line": .string(line.text),
                "timestamp": .optional(line.timestamp),
            ], as: "log")
        if results.isClosed { withUnsafeCurrentTask { $0?.cancel() } }
    }
}

/// A buffer that holds the last lines of the stored log until no more of them arrive, then prints
/// each line at once.
private actor TailBuffer {
    private var buffered: [LogLine]?
    private let limit: Int
    private let print: @Sendable (LogLine) -> Void
    private var lastReceived = ContinuousClock.now
    /// The time from which a log that never pauses is printed.
    private let deadline = ContinuousClock.now + .seconds(10)

    /// - Parameter limit: the number of lines; `nil` buffers nothing.
    init(keeping limit: Int?, _ print: @escaping @Sendable (LogLine) -> Void) {
        // The Hub never stores more lines than this, and the product `2 * limit` must not overflow.
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

    /// Releases the lines when none arrives for a while: stored lines arrive without a pause.
    func releaseWhenQuiet() async {
        while buffered != nil, !Task.isCancelled {
            let isQuiet =
                lastReceived.duration(to: .now) > .milliseconds(buffered?.isEmpty == true ? 3000 : 700)
            if isQuiet || .now >= deadline { return release() }
            try? await Task.sleep(for: .milliseconds(100))
        }
    }
}
