import Essentials

/// A child process that is run to its end.
enum ProcessRunner {
    struct Ended: Sendable {
        /// 127 when it could not be started; 128 and the signal's number when a signal ended it.
        var status: Int32
        /// What it wrote to standard output when it was given input; less than a pipe holds (64 KiB).
        var output = Data()
    }

    /// Runs a program found on the PATH of `environment`; what it says on standard error is dropped.
    /// - Parameters:
    ///   - input: what it reads, less than a pipe holds; nil for nothing.
    ///   - patience: how long it may take; it is ended then.
    static func run(
        _ program: String, _ arguments: [String], environment: [String: String], directory: String,
        input: Data? = nil, patience: Duration? = nil
    ) async -> Ended {
        let null = open("/dev/null", O_RDWR | O_CLOEXEC)
        defer { close(null) }
        guard let input else {
            let child = start(program, arguments, environment, directory, [0: null, 1: null, 2: null])
            return Ended(status: await child?.status(within: patience) ?? 127)
        }
        guard let question = filledPipe(input) else { return Ended(status: 127) }
        defer { close(question) }
        guard let answer = makePipe() else { return Ended(status: 127) }
        defer { close(answer.reading) }
        let child = start(
            program, arguments, environment, directory, [0: question, 1: answer.writing, 2: null])
        close(answer.writing)
        let status = await child?.status(within: patience) ?? 127
        return status == 0
            ? Ended(status: 0, output: Data(written(to: answer.reading))) : Ended(status: status)
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

    /// The reading end of a pipe that has these bytes in it, and no writer. `nil` if there is no room for them.
    private static func filledPipe(_ bytes: Data) -> Int32? {
        guard let ends = makePipe() else { return nil }
        defer { close(ends.writing) }
        _ = fcntl(ends.writing, F_SETFL, O_NONBLOCK)
        if bytes.isEmpty || bytes.withUnsafeBytes({ $0.writeAll(to: ends.writing) }) { return ends.reading }
        close(ends.reading)
        return nil
    }

    /// What is in the pipe already: a child of the child may still hold its other end.
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
    /// Its exit code, once it ended; it is asked to end when the time is over.
    fileprivate func status(within patience: Duration?) async -> Int32 {
        let alarm = patience.map { patience in
            Task {
                try await Task.sleep(for: patience)
                terminate()
            }
        }
        defer { alarm?.cancel() }
        return await waitForExit()
    }
}
