import Deploy
import SpacesModel
import Synchronization
import TextTools

/// Prints a run on a terminal: one line per finished step, and one live line below them. The output of
/// parallel targets is buffered, and printed when a target is done.
package final class TerminalReporter: Reporter {
    private let out: Terminal
    private let err: Terminal
    private let style: Style
    private let isVerbose: Bool
    private let live: LiveLine
    private let now: @Sendable () -> ContinuousClock.Instant
    private let state = Mutex(State())

    private struct State {
        var run = RunDescription()
        /// The targets that are not printed to their end, in order.
        var order: [SpaceID] = []
        var screens: [SpaceID: TargetScreen] = [:]
        /// The URLs for standard output, if it is not this terminal.
        var urls: [SpaceID: String] = [:]
        var doneCount = 0
        /// The target whose lines were printed last.
        var printed: SpaceID?
        var summary = RunSummary()
        var prompting: SpaceID?
    }

    package init(
        out: Terminal, err: Terminal, color: Bool, isVerbose: Bool,
        now: @escaping @Sendable () -> ContinuousClock.Instant = { .now }
    ) {
        (self.out, self.err, self.isVerbose, self.now) = (out, err, isVerbose, now)
        style = Style(isOn: color)
        live = LiveLine(on: err, sharing: [out], style: style)
    }

    package func send(_ message: ReporterMessage) {
        state.withLock { send(message.redacted, &$0) }
        switch message {
        case .event, .promptEnd: showActivity()
        case .end: live.end()
        default: break
        }
    }

    private func send(_ message: ReporterMessage, _ state: inout State) {
        switch message {
        case .begin(let run):
            (state.run, state.order, state.screens, state.doneCount) = (run, run.spaces, [:], 0)
        case .event(let event, let space, let lines):
            add(event, space, lines, &state)
        case .result(let result): finish(result, &state)
        case .silentResult(let result):
            state.screens[result.space] = nil
            state.order.removeAll { $0 == result.space }
            state.doneCount += 1
            state.summary.add(result.deploy)
        case .activeTarget: break
        case .error(let error): print(ErrorText(error, style: style).screenLines)
        case .warning(let text): print([.note(text.visible, .warning, indent: 0)])
        case .info(let text): printInfo(text.visible)
        case .promptBegin(let space):
            state.prompting = space
            flush(space, &state)
            live.end()
        case .promptEnd:
            state.prompting = nil
            flushFinished(&state)
        case .end: end(&state)
        }
    }

    private func add(
        _ event: Event, _ space: SpaceID, _ lines: any CommandCompleting, _ state: inout State
    ) {
        var options = options(state)
        options.complete = { lines.complete($0, of: $1) }
        state.screens[space, default: TargetScreen(space, options)].add(event, at: now())
        if !state.run.hasMultipleSpaces { flush(space, &state) }
    }

    private func finish(_ result: TargetResult, _ state: inout State) {
        let space = result.space
        state.doneCount += 1
        if state.run.hasMultipleSpaces, state.screens[space] == nil, result.deploy.outcome == .interrupted {
            state.summary.unbegunCount += 1
            state.order.removeAll { $0 == space }
            return
        }
        state.summary.add(result.deploy)
        var screen = state.screens[space] ?? TargetScreen(space, options(state))
        screen.finish(result, at: now())
        state.screens[space] = screen
        if !out.isTerminal, let url = result.deploy.shownURL { state.urls[space] = url }
        flushFinished(&state)
    }

    private func end(_ state: inout State) {
        for space in state.screens.keys.sorted() { flush(space, &state) }
        if state.run.hasMultipleSpaces, let line = state.summary.line {
            print([.text(""), .note("\(style.red("✗")) \(line)", indent: 0, hanging: 2)])
        }
        if let interruption = state.summary.interruption { print([.note(interruption, .error, indent: 0)]) }
        let order = state.run.spaces + state.urls.keys.sorted().filter { !state.run.spaces.contains($0) }
        for url in order.compactMap({ state.urls[$0] }) { out.write(url + "\n") }
        state.urls = [:]
    }
}

extension TerminalReporter {
    private func options(_ state: State) -> TargetScreen.Options {
        TargetScreen.Options(
            isVerbose: isVerbose, isPlan: state.run.isPlan, showsLinks: out.isTerminal, style: style)
    }

    /// Prints the finished targets; if results are in order, only those before the first unfinished one.
    private func flushFinished(_ state: inout State) {
        guard state.prompting == nil else { return }
        guard state.run.hasMultipleSpaces else {
            for space in state.screens.keys.sorted() { flush(space, &state) }
            return
        }
        for space in state.order {
            guard state.screens[space]?.isFinished == true else {
                if state.run.isInOrder { return }
                continue
            }
            flush(space, &state)
            state.order.removeAll { $0 == space }
        }
    }

    /// Prints the lines of a target, under its heading.
    private func flush(_ space: SpaceID, _ state: inout State) {
        guard state.prompting == nil || state.prompting == space,
            var lines = state.screens[space]?.takeLines(), let first = lines.first
        else { return }
        if state.run.hasMultipleSpaces, state.printed != space {
            if case .heading = first {} else { lines.insert(.heading(.init(space: "\(space)")), at: 0) }
            if state.printed != nil { lines.insert(.text(""), at: 0) }
        }
        state.printed = space
        print(lines)
    }

    private func printInfo(_ text: String) {
        let isStep = text.hasPrefix("-----> ")
        print([
            isStep ? .text("\(style.green("✓")) \(text.dropFirst(7))") : .note(text, indent: 0, hanging: 2)
        ])
    }

    private func print(_ lines: [ScreenLine]) {
        // The width is requested each time, as the window may have been resized.
        for line in lines {
            let stream = line.isResult ? out : err
            let style = Style(isOn: style.isOn && stream.isTerminal)
            let formatter = ScreenFormatter(width: stream.width, style: style)
            for text in formatter.lines(of: line) { stream.write(text + "\n") }
        }
    }

    private func showActivity() { live.show { [weak self] in self?.activityText(at: $0) } }

    /// Returns the text of the live line: of several targets, how many are done and what the others do.
    func activityText(at now: ContinuousClock.Instant) -> String? {
        state.withLock { state in
            let screens = state.screens.sorted { $0.key < $1.key }.map(\.value)
            let active = screens.compactMap { screen in
                screen.activityText(at: now).map { (screen.space, $0) }
            }
            guard !active.isEmpty, state.prompting == nil else { return nil }
            guard state.run.hasMultipleSpaces else { return active[0].1 }
            let others = active.map { "\($0) \($1)" }.joined(separator: " · ")
            return "\(state.doneCount) of \(state.run.spaces.count) done  \(others)"
        }
    }
}
