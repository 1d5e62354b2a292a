import Essentials
import Reporting
import SpacesModel

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
                    .tryLater, "the process of the pass can't be started", hint: "try again later")
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
                        "run `spacesync check` on the sources of its targets, and report the one that crashes it"
                )
            }
            suspects += newSuspects
            invocation.reporter.warn(
                "the process of the pass \(cause) while it deployed \(newSuspects.joined(separator: ", ")); "
                    + "the pass starts again, with these in processes of their own")
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
            arguments: ["mirror"] + invocation.arguments.passArguments(), environment: environment
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

extension Arguments {
    /// Returns the arguments of one pass: without the flags of the process that runs the passes,
    /// and with `space` as the only target if it is given.
    func passArguments(only space: SpaceID? = nil) -> [String] {
        let excluded: [Flag] =
            [.every, .health, .jitter] + (space == nil ? [] : [.only, .metricsFile, .passLog])
        let flags = flags.filter { !excluded.contains($0.flag) }.flatMap { flag, value in
            guard flag.value != nil else { return [flag.names[0]] }
            // An optional value must be attached to its flag.
            return flag.names[0].hasPrefix("--") ? ["\(flag.names[0])=\(value)"] : [flag.names[0], value]
        }
        return flags + ["--"] + (space.map { [$0.description] } ?? positionals)
    }
}
