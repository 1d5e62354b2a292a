import Essentials
import Reporting
import SpacesModel

/// Runs a pass in a process of its own. If that process dies, the pass is run again, with the targets that were under way
/// then in a process each: one bad repository costs no other target its pass.
struct PassSupervisor: Sendable {
    private let invocation: Invocation
    private let pulse: Pulse?
    /// Each further process of a pass has at least one suspect more.
    private static let limit = 20

    init(_ invocation: Invocation, _ pulse: Pulse?) { (self.invocation, self.pulse) = (invocation, pulse) }

    /// - Returns: the exit code of the pass.
    func run() async throws(Failure) -> Int {
        var suspects: [String] = []
        for _ in 1...Self.limit {
            let end = await process(suspects).run()
            guard let status = end.status else {
                throw Failure(.tryLater, "the process of the pass can't be started", hint: "try again later")
            }
            guard let signal = ChildProcess.signal(of: status) else {
                return ended(end, code: Int(ChildProcess.exitCode(of: status)))
            }
            if Task.isCancelled { throw Failure(.interrupted, "interrupted") }
            let more = end.unfinished.filter { !suspects.contains($0) }
            let how = PassProcess.description(ofSignal: signal)
            guard !more.isEmpty else {
                throw Failure(
                    .internalFault, "the process of the pass \(how)",
                    hint:
                        "run `spacesync check` on the sources of its targets, and report the one that crashes it"
                )
            }
            suspects += more
            invocation.voice.warn(
                "the process of the pass \(how) while it deployed \(more.joined(separator: ", ")); "
                    + "the pass starts again, with these in processes of their own")
        }
        throw Failure(.internalFault, "the pass crashed \(Self.limit) times", details: suspects)
    }

    private func process(_ suspects: [String]) -> PassProcess {
        var environment = invocation.world.environment.filter { name, _ in
            !["NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"].contains(name)
        }
        environment[PassLink.roleVariable] = PassLink.Role.pass.rawValue
        environment[PassLink.suspectsVariable] = suspects.joined(separator: " ")
        return PassProcess(
            arguments: ["mirror"] + invocation.arguments.passLine(), environment: environment
        ) { [pulse] message in
            if let limit = message.limit { pulse?.begins(within: .seconds(limit)) }
            if let metrics = message.metrics { pulse?.ended(metrics) }
        }
    }

    /// The process has printed what ended the pass.
    private func ended(_ end: PassProcess.End, code: Int) -> Int {
        guard let failure = end.messages.compactMap(\.failure).last?.failure else { return code }
        if failure.kind != .interrupted { pulse?.stumbled(failure) }
        return failure.kind.exitCode
    }
}

extension Arguments {
    /// The command line of one pass: without what concerns the process that stays, and without the targets where others
    /// are given.
    func passLine(only space: SpaceID? = nil) -> [String] {
        let staying: [Flag] =
            [.every, .health, .jitter] + (space == nil ? [] : [.only, .metricsFile, .passLog])
        let flags = flags.filter { !staying.contains($0.flag) }.flatMap { flag, value in
            guard flag.value != nil else { return [flag.names[0]] }
            // An optional value is read only where it is attached.
            return flag.names[0].hasPrefix("--") ? ["\(flag.names[0])=\(value)"] : [flag.names[0], value]
        }
        return flags + ["--"] + (space.map { [$0.description] } ?? words)
    }
}
