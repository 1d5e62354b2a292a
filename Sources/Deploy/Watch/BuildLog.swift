import SpacesModel
import TextTools

/// The build log of one commit, merged in order with the stages: the stage in which a build begins,
/// its complete log, then the next stage, whichever connection was faster. The Hub first replays the
/// stored log of the build before; lines of another commit are neither reported nor kept.
actor BuildLog {
    private let commit: ObjectID
    private let emit: EventHandler
    private var isOurCommit: Bool?
    private var hasBuildStarted = false
    private var unattributedLines: [LogLine] = []
    /// Lines that are buffered until the first stage is reported.
    private var bufferedLines: [LogLine]? = []
    private var replayCursor = LogReplayCursor()
    var lines: [String] { Array(recentLines.suffix(Self.maxLines)) }
    /// The last lines. Holds up to twice `maxLines`, so that not every new line moves all of them.
    private var recentLines: [String] = []
    /// Whether a header of the log names our commit.
    private(set) var namesOurCommit = false
    /// A commit that a header named after our commit; `nil` if there is none.
    private(set) var successor: String?
    /// The number of signals so far: lines and events that announce a change of stage.
    private(set) var signals = 0
    /// Whether lines are being received, so that changes will be announced.
    private(set) var isStreaming = false
    /// Whether the app is starting.
    private(set) var isStarting = false
    /// The number of lines received so far, of any commit.
    private(set) var received = 0
    /// Whether the stream ended after lines of our commit, or no stream is available.
    private(set) var hasEnded = false
    /// Whether the build is finished, and with it its log.
    private(set) var isBuildOver = false
    private var pendingWaiters: [Int: Waiter] = [:]
    private var waiterCount = 0
    /// Whether the log must be requested immediately because a caller waits for it.
    private(set) var isPollRequested = false

    private static let maxLines = 2_000

    init(commit: ObjectID, emit: @escaping EventHandler) { (self.commit, self.emit) = (commit, emit) }

    func receive(_ line: LogLine) {
        received += 1
        isStreaming = true
        if let shortID = BuildLogHeader.commit(in: line.text) { startBuild(shortID, line) }
        if Self.isSignal(line.text) { signalChange() }
        switch isOurCommit {
        case true?: report(line)
        case false?: break
        case nil: unattributedLines.append(keeping: Self.maxLines, line)
        }
    }

    /// Records that the Hub builds our commit. A log without a header is then taken as the log of our
    /// commit.
    func buildStarted() {
        hasBuildStarted = true
        guard isOurCommit == nil, let first = unattributedLines.first else { return }
        isOurCommit = true
        replayCursor.restart(first)
        for line in unattributedLines { report(line) }
        unattributedLines = []
    }

    /// Whether the received lines belong to our commit and are reported.
    var isShowingLines: Bool { isOurCommit == true }

    /// Whether the Hub builds our commit while the received log is another commit's, so that the log
    /// should be requested again.
    var isOutdated: Bool { hasBuildStarted && isOurCommit == false }

    /// Resets the state for a new stream, which begins with the stored lines.
    func streamStarted() {
        (isOurCommit, unattributedLines, hasBuildStarted, hasEnded, isPollRequested) = (
            nil, [], false, false, false
        )
    }

    func setStarting(_ isStarting: Bool) {
        self.isStarting = isStarting
        resumeReadyWaiters()
    }

    /// Signals that the stage may have changed.
    func signalChange() {
        signals += 1
        resumeReadyWaiters()
    }

    /// Records the end of the stream.
    /// - Parameter forGood: whether no other stream will follow.
    func streamEnded(forGood: Bool) {
        (hasEnded, isStreaming) = (forGood || isShowingLines, false)
        signalChange()
    }

    func pollNow() { isPollRequested = true }

    /// Reports a stage: the stage of a build before the build's lines, any other stage after them.
    func report(_ stage: Stage) {
        isBuildOver = !stage.isBuilding
        if isBuildOver { flush() }
        emit(.stage(stage))
        flush()
    }

    /// Reports the lines that were buffered until the first stage.
    func flush() {
        for line in bufferedLines ?? [] { emit(.log(.build, line)) }
        bufferedLines = nil
    }

    private func startBuild(_ shortID: String, _ line: LogLine) {
        unattributedLines = []
        isOurCommit = commit.description.hasPrefix(shortID)
        if isOurCommit == true {
            namesOurCommit = true
            if replayCursor.restart(line) { recentLines = [] }
        } else if namesOurCommit {
            successor = shortID
        }
    }

    private func report(_ line: LogLine) {
        guard replayCursor.advance() else { return }
        recentLines.append(keeping: Self.maxLines, line.text)
        if bufferedLines == nil {
            emit(.log(.build, line))
        } else {
            bufferedLines?.append(keeping: Self.maxLines, line)
        }
    }

    private static func isSignal(_ text: String) -> Bool {
        ["=====", "--> Pushing image", "--> Exporting cache", "ERROR:"].contains { text.hasPrefix($0) }
    }
}

extension Array {
    /// Appends an element. Drops the oldest elements occasionally, so that at most twice `count` are
    /// kept.
    fileprivate mutating func append(keeping count: Int, _ element: Element) {
        append(element)
        if self.count >= 2 * count { removeFirst(self.count - count) }
    }
}

extension BuildLog {
    /// A suspended caller of `wait(until:)`.
    struct Waiter {
        var condition: @Sendable (isolated BuildLog) -> Bool
        var continuation: CheckedContinuation<Void, Never>
    }

    /// Waits until the condition is true or the task is cancelled.
    func wait(until condition: @escaping @Sendable (isolated BuildLog) -> Bool) async {
        waiterCount += 1
        let id = waiterCount
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                guard !condition(self), !Task.isCancelled else { return continuation.resume() }
                pendingWaiters[id] = Waiter(condition: condition, continuation: continuation)
            }
        } onCancel: {
            Task { await self.resumeWaiter(id) }
        }
    }

    private func resumeWaiter(_ id: Int) { pendingWaiters.removeValue(forKey: id)?.continuation.resume() }

    private func resumeReadyWaiters() {
        for (id, waiter) in pendingWaiters where waiter.condition(self) { resumeWaiter(id) }
    }
}

/// The position in the log of one build up to which lines were reported, across all streams that
/// replay the log.
private struct LogReplayCursor {
    private var firstLine: LogLine?
    private var position = 0
    private var reportedCount = 0

    /// Starts at the first line of a log.
    /// - Returns: whether the log belongs to another build than before.
    @discardableResult mutating func restart(_ line: LogLine) -> Bool {
        position = 0
        guard line != firstLine else { return false }
        (firstLine, reportedCount) = (line, 0)
        return true
    }

    /// Advances by one line; returns whether the line is new.
    mutating func advance() -> Bool {
        position += 1
        guard position > reportedCount else { return false }
        reportedCount = position
        return true
    }
}

/// A header line of the build log: `===== Build Queued at 2026-09-29 10:00:00 / Commit SHA: 1a2b3c4
/// =====`
enum BuildLogHeader {
    /// Returns the short commit id in a header line, in lower case; `nil` if the line is not a
    /// header.
    static func commit(in line: String) -> String? {
        guard line.hasPrefix("====="), line.contains("Build Queued") else { return nil }
        let fields = line.split(separator: " ")
        guard let label = fields.firstIndex(of: "SHA:"), let id = fields[label...].dropFirst().first else {
            return nil
        }
        let isID = id.count >= 7 && id.utf8.allSatisfy { $0.hexDigit != nil }
        return isID ? id.lowercased() : nil
    }
}
