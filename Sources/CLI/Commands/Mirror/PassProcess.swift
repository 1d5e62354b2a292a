import Essentials
import Reporting
import SpacesModel

/// A process of `mirror` that deploys all targets of a pass, or one of them, and reports over a
/// socket. Running out of memory or a crash in C code ends only this process.
struct PassProcess: Sendable {
    /// The end of a process: its messages and its wait status.
    struct End: Sendable {
        var messages: [PassMessage] = []
        /// The wait status; `nil` if the process could not be started.
        var status: Int32?

        /// Targets whose deploy started and did not end.
        var unfinished: [String] {
            let ended = Set(messages.compactMap(\.ended))
            return messages.compactMap(\.began).filter { !ended.contains($0) }
        }
    }

    var arguments: [String]
    var environment: [String: String]
    /// Whether the output is passed on; if false, it is dropped.
    var inheritsOutput = true
    var onMessage: @Sendable (PassMessage) -> Void = { _ in }

    /// Runs the process to its end. If the task is cancelled, the process gets SIGTERM and is still
    /// waited for, so that a push under way is completed.
    func run() async -> End {
        guard let sockets = Self.connectedSockets() else { return End() }
        var variables = environment
        variables[PassLink.linkVariable] = String(sockets.child)
        let devNull = open("/dev/null", O_RDWR | O_CLOEXEC)
        let child = ChildProcess(
            ExecutablePath.running, arguments, name: "spacesync", environment: variables,
            // The child's socket keeps its number, which no other open file has: settings may be
            // read from /dev/fd/3.
            descriptors: inheritsOutput
                ? [sockets.child: sockets.child]
                : [0: devNull, 1: devNull, 2: devNull, sockets.child: sockets.child],
            inheritsOpenFiles: true)
        close(devNull)
        close(sockets.child)
        guard let child else {
            close(sockets.parent)
            return End()
        }
        return await withTaskCancellationHandler {
            let messages = await read(sockets.parent)
            return End(messages: messages, status: await Self.status(of: child))
        } onCancel: {
            kill(child.id, SIGTERM)
        }
    }

    /// Returns two connected sockets that are closed in processes started by other threads: a copy
    /// of the child's socket would keep the connection open after the child has ended.
    private static func connectedSockets() -> (parent: Int32, child: Int32)? {
        var sockets: [Int32] = [-1, -1]
        #if os(Linux)
            let kind = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        #else
            let kind = SOCK_STREAM
        #endif
        return socketpair(AF_UNIX, kind, 0, &sockets) == 0 ? (sockets[0], sockets[1]) : nil
    }

    /// Reads all messages until the process ends, which closes the socket.
    private func read(_ descriptor: Int32) async -> [PassMessage] {
        let (pieces, feed) = AsyncStream<[UInt8]>.makeStream()
        // `recv` blocks, and threads of a pool must not be blocked.
        startThread {
            var buffer = [UInt8](repeating: 0, count: 64 << 10)
            while true {
                let count = recv(descriptor, &buffer, buffer.count, 0)
                if count > 0 {
                    feed.yield(Array(buffer[..<count]))
                } else if count == 0 || errno != EINTR {
                    break
                }
            }
            close(descriptor)
            feed.finish()
        }
        // An unstructured task is not cancelled with its caller: the process is always waited for.
        let reader = Task {
            var (messages, buffer): ([PassMessage], [UInt8]) = ([], [])
            for await piece in pieces {
                buffer += piece
                while let end = buffer.firstIndex(of: UInt8(ascii: "\n")) {
                    let line = Data(buffer[..<end])
                    buffer.removeSubrange(...end)
                    guard let message = try? JSONDecoder().decode(PassMessage.self, from: line) else {
                        continue
                    }
                    messages.append(message)
                    onMessage(message)
                }
            }
            return messages
        }
        return await reader.value
    }

    /// The socket is closed when the process ends, moments before its status is available.
    private static func status(of child: ChildProcess) async -> Int32 {
        while true {
            if let status = child.pollExitStatus() { return status }
            let delay = Task { try? await Task.sleep(for: .milliseconds(2)) }
            _ = await delay.value
        }
    }

    /// Returns the command line of one pass: without the flags of the process that runs the passes,
    /// and with `space` as the only target if it is given.
    static func arguments(for typed: Arguments, only space: SpaceID? = nil) -> [String] {
        let excluded =
            [MirrorCommand.every, MirrorCommand.health, MirrorCommand.jitterFlag]
            + (space == nil ? [] : [MirrorCommand.only, MirrorCommand.metricsFile, MirrorCommand.passLog])
        let flags = typed.flags.filter { !excluded.contains($0.flag) }.flatMap { flag, value in
            guard flag.value != nil else { return [flag.names[0]] }
            // An optional value must be attached to its flag.
            return flag.names[0].hasPrefix("--") ? ["\(flag.names[0])=\(value)"] : [flag.names[0], value]
        }
        return ["mirror"] + flags + ["--"] + (space.map { [$0.description] } ?? typed.positionals)
    }

    /// Returns the signal's name and its usual cause, for messages.
    static func description(ofSignal signal: Int32) -> String {
        switch signal {
        case SIGKILL: "was killed (signal 9), usually because the machine ran out of memory"
        case SIGSEGV: "crashed (SIGSEGV)"
        case SIGILL, SIGTRAP: "crashed (SIGILL)"
        case SIGABRT: "crashed (SIGABRT)"
        case SIGBUS: "crashed (SIGBUS)"
        default: "was ended by signal \(signal)"
        }
    }
}

/// Runs a pass in its own process. If that process crashes, the pass is run again, and the targets
/// that were being deployed run in a process each, so that one bad repository does not stop the
/// other targets.
struct PassSupervisor: Sendable {
    private let invocation: Invocation
    private let health: MirrorHealth?
    /// The maximum number of processes of a pass; each one after a crash has at least one more
    /// suspect.
    private static let maxCrashes = 20

    init(_ invocation: Invocation, _ health: MirrorHealth?) {
        (self.invocation, self.health) = (invocation, health)
    }

    /// - Returns: the exit code of the pass.
    func run() async throws(DeployError) -> Int {
        var suspects: [String] = []
        for _ in 1...Self.maxCrashes {
            let end = await makeProcess(suspects).run()
            guard let status = end.status else {
                throw DeployError(
                    .tryLater, "cannot start the process of the pass", hint: "try again later")
            }
            guard let signal = ChildProcess.signal(of: status) else {
                return handleExit(end, code: Int(ChildProcess.exitCode(of: status)))
            }
            if Task.isCancelled { throw DeployError(.interrupted, "interrupted") }
            let newSuspects = end.unfinished.filter { !suspects.contains($0) }
            let cause = PassProcess.description(ofSignal: signal)
            guard !newSuspects.isEmpty else {
                throw DeployError(
                    .internalError, "the process of the pass \(cause)",
                    hint:
                        "run `spacesync check` on the sources of its targets, and report the one that crashes"
                )
            }
            suspects += newSuspects
            invocation.reporter.send(
                .warning(
                    "the process of the pass \(cause) while deploying \(newSuspects.joined(separator: ", ")); "
                        + "the pass starts again and deploys these in separate processes"))
        }
        throw DeployError(.internalError, "the pass crashed \(Self.maxCrashes) times", details: suspects)
    }

    private func makeProcess(_ suspects: [String]) -> PassProcess {
        var environment = invocation.environment.variables.filter { name, _ in
            !["NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"].contains(name)
        }
        environment[PassLink.roleVariable] = PassLink.Role.pass.rawValue
        environment[PassLink.suspectsVariable] = suspects.joined(separator: " ")
        return PassProcess(
            arguments: PassProcess.arguments(for: invocation.arguments), environment: environment
        ) { [health] message in
            if let limit = message.limit { health?.recordStart(within: .seconds(limit)) }
            if let metrics = message.metrics { health?.recordEnd(metrics) }
        }
    }

    /// Returns the exit code. The process itself has printed the error that ended the pass.
    private func handleExit(_ end: PassProcess.End, code: Int) -> Int {
        guard let failure = end.messages.compactMap(\.failure).last?.failure else { return code }
        if failure.kind != .interrupted { health?.recordFailure(failure) }
        return failure.kind.exitCode
    }
}
