import Essentials
import SpacesModel
import Synchronization

/// A command that shows something until the user leaves it, with `q` or Ctrl-C on a terminal. Leaving is not
/// an error, unlike an interruption without a terminal (a script, a CI job).
final class Viewer: Sendable {
    /// The viewer in which the current task runs; `nil` if there is none.
    @TaskLocal static var current: Viewer?

    private let hasQuit = Atomic(false)
    private let isOver = Atomic(false)

    private init() {}

    /// Whether the user has left the viewer.
    var isLeft: Bool {
        hasQuit.load(ordering: .relaxed) || SignalHandling.lastSignal.load(ordering: .relaxed) == SIGINT
    }

    /// Runs `work` until it ends or the user leaves it.
    /// - Parameter onLeave: called if the user left the viewer.
    /// - Returns: the exit code; 0 if the user left the viewer.
    static func run(
        _ environment: CommandEnvironment, onLeave: () -> Void = {},
        _ work: @escaping @Sendable () async throws(DeployError) -> Int
    ) async throws(DeployError) -> Int {
        guard environment.canAsk else { return try await work() }
        let viewer = Viewer()
        let task = Task { () async -> Result<Int, DeployError> in
            await $current.withValue(viewer) {
                do throws(DeployError) { return .success(try await work()) } catch { return .failure(error) }
            }
        }
        // If standard output is a pipe, its reader may be a pager, which reads the keys.
        let mode = environment.out.isTerminal ? KeyMode() : nil
        if mode != nil { viewer.readKeys { task.cancel() } }
        defer {
            viewer.isOver.store(true, ordering: .relaxed)
            mode?.restore()
        }
        let result = await withTaskCancellationHandler {
            await task.value
        } onCancel: {
            task.cancel()
        }
        guard viewer.isLeft else { return try result.get() }
        onLeave()
        return 0
    }

    /// Waits for `q` on a thread of its own, in short turns, so that it ends with the viewer.
    private func readKeys(_ onQuit: @escaping @Sendable () -> Void) {
        DispatchQueue.global().async { [self] in
            while !isOver.load(ordering: .relaxed) {
                var input = pollfd(fd: 0, events: Int16(POLLIN), revents: 0)
                guard poll(&input, 1, 100) > 0 else { continue }
                var key = UInt8(0)
                guard read(0, &key, 1) == 1 else { return }
                if key == UInt8(ascii: "q") || key == UInt8(ascii: "Q") {
                    hasQuit.store(true, ordering: .relaxed)
                    return onQuit()
                }
            }
        }
    }
}

/// A terminal that delivers each key at once and does not echo it (termios(3)). Ctrl-C still sends SIGINT.
private struct KeyMode {
    private var before = termios()

    /// Returns `nil` if standard input is no terminal, or the process runs in the background.
    init?() {
        guard tcgetpgrp(0) == getpgrp(), tcgetattr(0, &before) == 0 else { return nil }
        var changed = before
        changed.c_lflag &= ~tcflag_t(ECHO | ICANON)
        guard tcsetattr(0, TCSANOW, &changed) == 0 else { return nil }
    }

    func restore() {
        var before = before
        _ = tcsetattr(0, TCSANOW, &before)
    }
}
