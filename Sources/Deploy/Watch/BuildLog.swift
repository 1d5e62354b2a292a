import SpacesModel

/// What the build log has said of our commit. The stored log of the build before is replayed first: its lines are not
/// ours, and are neither told nor kept. Stages and lines reach the reader in one order, whichever connection was the
/// quicker: the stage in which a build begins, its whole log, the stage that follows.
actor BuildLog {
    private let commit: ObjectID
    private let say: Say
    private var isOurs: Bool?
    private var hasBegun = false
    private var early: [LogLine] = []
    /// Lines that wait for the first stage.
    private var held: [LogLine]? = []
    private var place = ReplayedLines()
    var lines: [String] { Array(last.suffix(Self.kept)) }
    /// The last lines, with some more so that not each new one moves them all.
    private var last: [String] = []
    /// The log has named our commit.
    private(set) var namesUs = false
    /// A commit that the log named after ours.
    private(set) var successor: String?
    /// Grows with each line that announces a change of stage.
    private(set) var signals = 0
    /// Lines come in: changes will be announced.
    private(set) var isHeard = false
    /// The app starts.
    private(set) var isStarting = false
    /// Grows with each line, whoever's it is.
    private(set) var received = 0
    /// The stream has ended behind our lines, or no stream can be had.
    private(set) var hasEnded = false
    /// The build is over, and so is its log.
    private(set) var isOver = false
    private var waiting: [Int: Waiter] = [:]
    private var waiters = 0
    /// Somebody waits for the log: it is asked for at once.
    private(set) var isUrgent = false

    private static let kept = 2_000

    init(commit: ObjectID, say: @escaping Say) { (self.commit, self.say) = (commit, say) }

    func take(_ line: LogLine) {
        received += 1
        isHeard = true
        if let named = BuildHeader.commit(in: line.text) { begin(named, line) }
        if Self.isSignal(line.text) { stir() }
        switch isOurs {
        case true?: tell(line)
        case false?: break
        case nil: early.append(keeping: Self.kept, line)
        }
    }

    /// The Hub works on our commit now. A log without a header is then taken as ours.
    func workBegan() {
        hasBegun = true
        guard isOurs == nil, let first = early.first else { return }
        isOurs = true
        place.begin(first)
        for line in early { tell(line) }
        early = []
    }

    /// What comes is ours, and told.
    var isTold: Bool { isOurs == true }

    /// The Hub works on our commit, while the log in hand is another's: it is worth asking anew.
    var isOutdated: Bool { hasBegun && isOurs == false }

    /// A stream begins, with its stored lines.
    func streamBegins() { (isOurs, early, hasBegun, hasEnded, isUrgent) = (nil, [], false, false, false) }

    func starting(_ isStarting: Bool) {
        self.isStarting = isStarting
        wake()
    }

    /// Something happens that may be a change.
    func stir() {
        signals += 1
        wake()
    }

    /// The stream is over.
    /// - Parameter forGood: there will be no other.
    func streamEnds(forGood: Bool) {
        (hasEnded, isHeard) = (forGood || isTold, false)
        stir()
    }

    func hurry() { isUrgent = true }

    /// Says a stage: that of a build above the build's lines, any other below them.
    func tell(_ stage: Stage) {
        isOver = !stage.isBuilding
        if isOver { release() }
        say(.stage(stage))
        release()
    }

    /// Tells the lines that waited for a stage.
    func release() {
        for line in held ?? [] { say(.log(.build, line)) }
        held = nil
    }

    private func begin(_ named: String, _ line: LogLine) {
        early = []
        isOurs = commit.description.hasPrefix(named)
        if isOurs == true {
            namesUs = true
            if place.begin(line) { last = [] }
        } else if namesUs {
            successor = named
        }
    }

    private func tell(_ line: LogLine) {
        guard place.isNew() else { return }
        last.append(keeping: Self.kept, line.text)
        if held == nil { say(.log(.build, line)) } else { held?.append(keeping: Self.kept, line) }
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
        var isOver: @Sendable (isolated BuildLog) -> Bool
        var wake: CheckedContinuation<Void, Never>
    }

    /// Returns when this holds, or the task is cancelled.
    func wait(until isOver: @escaping @Sendable (isolated BuildLog) -> Bool) async {
        waiters += 1
        let id = waiters
        await withTaskCancellationHandler {
            await withCheckedContinuation { wake in
                guard !isOver(self), !Task.isCancelled else { return wake.resume() }
                waiting[id] = Waiter(isOver: isOver, wake: wake)
            }
        } onCancel: {
            Task { await self.release(id) }
        }
    }

    private func release(_ id: Int) { waiting.removeValue(forKey: id)?.wake.resume() }

    private func wake() {
        for (id, waiter) in waiting where waiter.isOver(self) { release(id) }
    }
}

/// How far the log of one build has been told, over all the streams that replay it.
private struct ReplayedLines {
    private var first: LogLine?
    private var position = 0
    private var told = 0

    /// The log begins, again or for the first time.
    /// - Returns: whether it is another build's than before.
    @discardableResult mutating func begin(_ line: LogLine) -> Bool {
        position = 0
        guard line != first else { return false }
        (first, told) = (line, 0)
        return true
    }

    mutating func isNew() -> Bool {
        position += 1
        guard position > told else { return false }
        told = position
        return true
    }
}
