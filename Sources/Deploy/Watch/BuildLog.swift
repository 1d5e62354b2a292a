import SpacesModel

/// What the build log has said of our commit. The stored log of the build before is replayed first: its lines are not
/// ours, and are neither told nor kept. Stages and lines reach the reader in one order, whichever connection was the
/// quicker: the stage in which a build begins, its whole log, the stage that follows.
actor BuildLog {
    private let commit: ObjectID
    private let emit: EventHandler
    private var isOurs: Bool?
    private var hasBegun = false
    private var unattributedLines: [LogLine] = []
    /// Lines that wait for the first stage.
    private var bufferedLines: [LogLine]? = []
    private var replayCursor = LogReplayCursor()
    var lines: [String] { Array(last.suffix(Self.maxLines)) }
    /// The last lines, with some more so that not each new one moves them all.
    private var last: [String] = []
    /// The log has named our commit.
    private(set) var namesOurCommit = false
    /// A commit that the log named after ours.
    private(set) var successor: String?
    /// Grows with each line that announces a change of stage.
    private(set) var signals = 0
    /// Lines come in: changes will be announced.
    private(set) var isStreaming = false
    /// The app starts.
    private(set) var isStarting = false
    /// Grows with each line, whoever's it is.
    private(set) var received = 0
    /// The stream has ended behind our lines, or no stream can be had.
    private(set) var hasEnded = false
    /// The build is over, and so is its log.
    private(set) var isBuildOver = false
    private var pendingWaiters: [Int: Waiter] = [:]
    private var waiterCount = 0
    /// Somebody waits for the log: it is asked for at once.
    private(set) var isPollRequested = false

    private static let maxLines = 2_000

    init(commit: ObjectID, emit: @escaping EventHandler) { (self.commit, self.emit) = (commit, emit) }

    func receive(_ line: LogLine) {
        received += 1
        isStreaming = true
        if let named = BuildLogHeader.commit(in: line.text) { startBuild(named, line) }
        if Self.isSignal(line.text) { signalChange() }
        switch isOurs {
        case true?: report(line)
        case false?: break
        case nil: unattributedLines.append(keeping: Self.maxLines, line)
        }
    }

    /// The Hub works on our commit now. A log without a header is then taken as ours.
    func buildStarted() {
        hasBegun = true
        guard isOurs == nil, let first = unattributedLines.first else { return }
        isOurs = true
        replayCursor.restart(first)
        for line in unattributedLines { report(line) }
        unattributedLines = []
    }

    /// What comes is ours, and told.
    var isShowingLines: Bool { isOurs == true }

    /// The Hub works on our commit, while the log in hand is another's: it is worth asking anew.
    var isOutdated: Bool { hasBegun && isOurs == false }

    /// A stream begins, with its stored lines.
    func streamStarted() {
        (isOurs, unattributedLines, hasBegun, hasEnded, isPollRequested) = (nil, [], false, false, false)
    }

    func setStarting(_ isStarting: Bool) {
        self.isStarting = isStarting
        resumeReadyWaiters()
    }

    /// Something happens that may be a change.
    func signalChange() {
        signals += 1
        resumeReadyWaiters()
    }

    /// The stream is over.
    /// - Parameter forGood: there will be no other.
    func streamEnded(forGood: Bool) {
        (hasEnded, isStreaming) = (forGood || isShowingLines, false)
        signalChange()
    }

    func pollNow() { isPollRequested = true }

    /// Says a stage: that of a build above the build's lines, any other below them.
    func report(_ stage: Stage) {
        isBuildOver = !stage.isBuilding
        if isBuildOver { flush() }
        emit(.stage(stage))
        flush()
    }

    /// Tells the lines that waited for a stage.
    func flush() {
        for line in bufferedLines ?? [] { emit(.log(.build, line)) }
        bufferedLines = nil
    }

    private func startBuild(_ named: String, _ line: LogLine) {
        unattributedLines = []
        isOurs = commit.description.hasPrefix(named)
        if isOurs == true {
            namesOurCommit = true
            if replayCursor.restart(line) { last = [] }
        } else if namesOurCommit {
            successor = named
        }
    }

    private func report(_ line: LogLine) {
        guard replayCursor.advance() else { return }
        last.append(keeping: Self.maxLines, line.text)
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
    /// Appends, and drops the oldest now and then: at most twice as many are kept.
    fileprivate mutating func append(keeping count: Int, _ element: Element) {
        append(element)
        if self.count >= 2 * count { removeFirst(self.count - count) }
    }
}

extension BuildLog {
    /// Who waits for the log to change.
    struct Waiter {
        var condition: @Sendable (isolated BuildLog) -> Bool
        var continuation: CheckedContinuation<Void, Never>
    }

    /// Returns when this holds, or the task is cancelled.
    func wait(until condition: @escaping @Sendable (isolated BuildLog) -> Bool) async {
        waiterCount += 1
        let id = waiterCount
        await withTaskCancellationHandler {
            await withCheckedContinuation { wake in
                guard !condition(self), !Task.isCancelled else { return wake.resume() }
                pendingWaiters[id] = Waiter(condition: condition, continuation: wake)
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

/// How far the log of one build has been told, over all the streams that replay it.
private struct LogReplayCursor {
    private var first: LogLine?
    private var position = 0
    private var reportedCount = 0

    /// The log begins, again or for the first time.
    /// - Returns: whether it is another build's than before.
    @discardableResult mutating func restart(_ line: LogLine) -> Bool {
        position = 0
        guard line != first else { return false }
        (first, reportedCount) = (line, 0)
        return true
    }

    mutating func advance() -> Bool {
        position += 1
        guard position > reportedCount else { return false }
        reportedCount = position
        return true
    }
}
