import Documentation
import Essentials
import Reporting
import SpacesModel
import Synchronization
import TextTools

/// The command `mirror`: runs one pass, or passes at an interval.
struct MirrorCommand: Sendable {
    static let command = Command(
        .mirror, flags: [only, since, passWait, every, health, jitterFlag, metricsFile, passLog] + shared
    ) { (invocation) async throws(DeployError) in
        try await MirrorCommand(invocation).run()
    }

    static let only = Flag(
        "--only", value: "SPACE", "deploy only this Space (repeatable; same as the argument SPACE)")
    static let since = Flag(
        "--since", value: "TIME", "skip Spaces whose source has no commit in the last TIME")
    static let passWait = Flag("--wait", value: "TIME", "how long to wait while another pass is running (0s)")
    static let every = Flag(
        "--every", value: "TIME", "keep running and start a pass every TIME; SIGHUP starts one now")
    static let health = Flag(
        "--health", value: "[HOST:]PORT",
        "serve /healthz and /metrics (with --every); default host: loopback; port 0: any free port")
    static let jitterFlag = Flag("--jitter", value: "TIME", "random delay of up to TIME before each pass")
    static let metricsFile = Flag(
        "--metrics-file", value: "FILE",
        "write metrics for Prometheus (textfile collector of the node exporter)")
    static let passLog = Flag("--log", value: "FILE", "append one line per Space and pass to FILE")

    /// The flags of `push` that apply to several targets.
    private static let shared = [
        Flag.config, .tokenFile, .set, .noWait, .timeout, .force, .yes, .prune,
    ]

    private let invocation: Invocation
    private let wait: Duration
    private let jitter: Duration
    private var arguments: Arguments { invocation.arguments }

    init(_ invocation: Invocation) throws(DeployError) {
        self.invocation = invocation
        wait = try invocation.arguments.duration(Self.passWait) ?? .zero
        jitter = try invocation.arguments.duration(Self.jitterFlag) ?? .zero
    }

    func run() async throws(DeployError) -> Int {
        guard let pause = try arguments.duration(Self.every) else {
            guard !arguments.has(Self.health) else {
                throw DeployError(
                    .usage, "--health requires --every",
                    hint: "add --every 5m, or use --metrics-file")
            }
            try? await Task.sleep(for: randomJitter)
            return try await runPass(invocation)
        }
        guard pause > .zero else {
            throw DeployError(
                .usage, "--every: \"\(pause.text(.setting))\" is not a valid interval",
                hint: "use a value such as 5m")
        }
        let health = MirrorHealth(every: pause + jitter)
        let server = try arguments.value(Self.health).map { (text) throws(DeployError) in
            try HealthServer(text, health)
        }
        if let server { printHealthURL(server) }
        let notifier = SystemdNotifier(invocation.environment)
        let watchdogTask = Task { await notifier.sendWatchdog(health) }
        defer { watchdogTask.cancel() }
        notifier.send("READY=1")
        let code = try await runPasses(pause, health)
        notifier.send("STOPPING=1")
        await server?.close()
        return code
    }

    /// Runs one pass after the other until the process receives SIGTERM; a signal between two
    /// passes is not reported as an interruption.
    private func runPasses(_ pause: Duration, _ health: MirrorHealth) async throws(DeployError) -> Int {
        let timer = WakeTimer(), signalSource = timer.startListening()
        defer { signalSource.cancel() }
        var wasWoken = false
        while !Task.isCancelled {
            if !wasWoken { _ = await timer.sleep(randomJitter) }
            guard !Task.isCancelled else { break }
            let code = try await runNextPass(health)
            let isLast = [DeployError.Kind.interrupted, .usage].contains { $0.exitCode == code }
            guard !isLast else { return code }
            wasWoken = await timer.sleep(pause)
        }
        return 0
    }

    /// Runs a pass with its own reporter: buffered output and the URLs printed at the end belong to
    /// one pass.
    private func runNextPass(_ health: MirrorHealth) async throws(DeployError) -> Int {
        let reporter = CommandLineTool.makeReporter(
            for: arguments.flags.flatMap(\.flag.names), invocation.environment)
        defer { reporter.send(.end) }
        let invocation = Invocation(
            command: invocation.command, arguments: arguments, environment: invocation.environment,
            reporter: reporter)
        do throws(DeployError) {
            return try await runPass(invocation, health)
        } catch {
            // The error may be fixed by the time of the next pass.
            guard error.kind != .interrupted, error.kind != .usage else { throw error }
            reporter.send(.error(error))
            health.recordFailure(error)
            return error.kind.exitCode
        }
    }

    private func runPass(_ invocation: Invocation, _ health: MirrorHealth? = nil) async throws(DeployError)
        -> Int
    {
        let link = PassLink(invocation.environment)
        guard link.role != nil else { return try await PassSupervisor(invocation, health).run() }
        link.watchParent()
        do throws(DeployError) { return try await runPassProcess(invocation, link) } catch {
            link.send(PassMessage(failure: PassMessage.FailureValue(error)))
            throw error
        }
    }

    /// Runs the pass itself, in the process that the supervisor started.
    private func runPassProcess(_ invocation: Invocation, _ link: PassLink) async throws(DeployError) -> Int {
        let pass = try await MirrorPass(invocation, link)
        guard link.role == .pass else { return try await pass.runIsolated() }
        let lock = try await pass.lock(waiting: wait)
        defer { lock?.release() }
        return try await pass.run()
    }

    private var randomJitter: Duration { jitter * Double.random(in: 0..<1) }

    private func printHealthURL(_ server: HealthServer) {
        guard arguments.has(.json) else { return invocation.reporter.send(.info("health: \(server.url)")) }
        let line = JSONReporter.object("health", nil, ["url": .string(server.url)])
        invocation.environment.out.write(line.text + "\n")
    }
}

/// Sleeps between passes until the interval ends or SIGHUP arrives. A SIGHUP during a pass starts
/// the next one immediately.
final class WakeTimer: Sendable {
    private struct State {
        var isWoken = false
        var sleepTask: Task<Void, Never>?
    }

    private let state = Mutex(State())

    /// Starts handling SIGHUP, for as long as the returned source is kept.
    func startListening() -> any DispatchSourceSignal {
        // The default action would end the process before the source receives the signal.
        signal(SIGHUP, SIG_IGN)
        let source = DispatchSource.makeSignalSource(signal: SIGHUP)
        source.setEventHandler { self.wake() }
        source.resume()
        return source
    }

    private func wake() {
        state.withLock { state in
            state.isWoken = true
            state.sleepTask?.cancel()
        }
    }

    /// - Returns: whether SIGHUP ended the sleep.
    func sleep(_ time: Duration) async -> Bool {
        let sleepTask = Task { () in _ = try? await Task.sleep(for: time) }
        state.withLock { state in
            if state.isWoken { sleepTask.cancel() } else { state.sleepTask = sleepTask }
        }
        await withTaskCancellationHandler {
            await sleepTask.value
        } onCancel: {
            sleepTask.cancel()
        }
        return state.withLock { state in
            defer { state = State() }
            return state.isWoken
        }
    }
}
