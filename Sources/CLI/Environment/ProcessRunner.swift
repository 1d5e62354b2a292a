import Essentials
import SpacesModel
import Synchronization

/// Runs a child process to its end.
enum ProcessRunner {
    struct Ended: Sendable {
        /// The exit code; 127 if the program could not be started, 128 plus the signal number if a
        /// signal ended it.
        var status: Int32
        /// The standard output, if there was input; must be less than the capacity of a pipe (64
        /// KiB).
        var output = Data()
    }

    /// Runs a program found on the PATH of `environment`; its standard error is dropped.
    /// - Parameters:
    ///   - input: its standard input, less than the capacity of a pipe; `nil` if there is none.
    ///   - patience: the time limit, after which the process is terminated.
    static func run(
        _ program: String, _ arguments: [String], environment: [String: String], directory: String,
        input: Data? = nil, patience: Duration? = nil
    ) async -> Ended {
        let devNull = open("/dev/null", O_RDWR | O_CLOEXEC)
        defer { close(devNull) }
        guard let input else {
            let child = start(
                program, arguments, environment, directory, [0: devNull, 1: devNull, 2: devNull])
            return Ended(status: await child?.status(within: patience) ?? 127)
        }
        guard let inputPipe = filledPipe(input) else { return Ended(status: 127) }
        defer { close(inputPipe) }
        guard let outputPipe = makePipe() else { return Ended(status: 127) }
        defer { close(outputPipe.reading) }
        let child = start(
            program, arguments, environment, directory, [0: inputPipe, 1: outputPipe.writing, 2: devNull])
        close(outputPipe.writing)
        let status = await child?.status(within: patience) ?? 127
        return status == 0
            ? Ended(status: 0, output: Data(written(to: outputPipe.reading))) : Ended(status: status)
    }

    private static func start(
        _ program: String, _ arguments: [String], _ environment: [String: String], _ directory: String,
        _ descriptors: KeyValuePairs<Int32, Int32>
    ) -> WatchedProcess? {
        ChildProcess(
            "/usr/bin/env", [program] + arguments, environment: environment, directory: directory,
            descriptors: descriptors
        ).map { WatchedProcess($0) }
    }

    /// Returns the reading end of a pipe that contains these bytes and has no writer; `nil` if the
    /// pipe cannot hold them.
    private static func filledPipe(_ bytes: Data) -> Int32? {
        guard let ends = makePipe() else { return nil }
        defer { close(ends.writing) }
        _ = fcntl(ends.writing, F_SETFL, O_NONBLOCK)
        if bytes.isEmpty || bytes.withUnsafeBytes({ $0.writeAll(to: ends.writing) }) { return ends.reading }
        close(ends.reading)
        return nil
    }

    /// Returns the bytes in the pipe without waiting: a grandchild may still hold the writing end.
    private static func written(to pipe: Int32) -> [UInt8] {
        _ = fcntl(pipe, F_SETFL, O_NONBLOCK)
        var (bytes, part) = ([UInt8](), [UInt8](repeating: 0, count: 64 << 10))
        while true {
            let count = read(pipe, &part, part.count)
            if count > 0 { bytes += part[..<count] } else if count == 0 || errno != EINTR { return bytes }
        }
    }
}

extension WatchedProcess {
    /// Returns the exit code; the process is terminated if it exceeds the time limit.
    fileprivate func status(within patience: Duration?) async -> Int32 {
        let timeout = patience.map { patience in
            Task {
                try await Task.sleep(for: patience)
                terminate()
            }
        }
        defer { timeout?.cancel() }
        return await waitForExit()
    }
}

/// Turns SIGINT, SIGTERM and SIGHUP into cancellation: work under way is cancelled, child processes
/// end, and `demo` cleans up.
enum SignalHandling {
    /// Set while a run handles signals: `demo` runs commands within a command, and only the
    /// outermost installs handlers.
    @TaskLocal private static var isGuarded = false
    /// The last signal that cancelled a run; 0 if there was none.
    static let lastSignal = Atomic<Int32>(0)

    /// Runs the work in a task that SIGINT, SIGTERM and SIGHUP cancel.
    /// - Parameter hangsUp: false if the caller handles SIGHUP.
    static func guarding(
        hangsUp: Bool = true, _ work: @escaping @Sendable () async throws(DeployError) -> Int
    ) async throws(DeployError) -> Int {
        guard !isGuarded else { return try await work() }
        let task = Task { () async -> Result<Int, DeployError> in
            await $isGuarded.withValue(true) {
                do throws(DeployError) { return .success(try await work()) } catch { return .failure(error) }
            }
        }
        let sources = ([SIGINT, SIGTERM] + (hangsUp ? [SIGHUP] : [])).map { signal in
            // The default action would end the process before the source receives the signal.
            Essentials.signal(signal, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: signal)
            source.setEventHandler {
                lastSignal.store(signal, ordering: .relaxed)
                task.cancel()
            }
            source.resume()
            return source
        }
        defer { sources.forEach { $0.cancel() } }
        let result = await task.value
        if task.isCancelled, case .failure(let failure) = result, failure.kind != .interrupted {
            throw DeployError(.interrupted, "interrupted")
        }
        return try result.get()
    }
}
