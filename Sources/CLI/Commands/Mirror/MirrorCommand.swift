import Essentials
import Reporting
import SpacesModel
import TextTools

/// Passes, one or many.
struct MirrorCommand: Sendable {
    private let invocation: Invocation
    private let wait: Duration
    private let jitter: Duration
    private var arguments: Arguments { invocation.arguments }

    init(_ invocation: Invocation) throws(DeployError) {
        self.invocation = invocation
        wait = try invocation.arguments.duration(.passWait) ?? .zero
        jitter = try invocation.arguments.duration(.jitter) ?? .zero
    }

    func run() async throws(DeployError) -> Int {
        guard let pause = try arguments.duration(.every) else {
            guard !arguments.has(.health) else {
                throw DeployError(
                    .usage, "--health is for a process that stays",
                    hint: "add --every 5m, or use --metrics-file")
            }
            try? await Task.sleep(for: randomJitter)
            return try await runPass(invocation)
        }
        guard pause > .zero else {
            throw DeployError(.usage, "--every \(pause.text) would never rest", hint: "write 5m")
        }
        let pulse = MirrorHealth(every: pause + jitter)
        let door = try arguments.value(.health).map { (text) throws(DeployError) in
            try HealthServer(text, pulse)
        }
        if let door { printHealthURL(door) }
        let notice = SystemdNotifier(invocation.environment)
        let attesting = Task { await notice.sendWatchdog(pulse) }
        defer { attesting.cancel() }
        notice.send("READY=1")
        let code = try await runPasses(pause, pulse)
        notice.send("STOPPING=1")
        await door?.close()
        return code
    }

    /// One after the other until the process is told to end: between two passes that is no interruption.
    private func runPasses(_ pause: Duration, _ health: MirrorHealth) async throws(DeployError) -> Int {
        let alarm = WakeTimer(), source = alarm.startListening()
        defer { source.cancel() }
        var isCalled = false
        while !Task.isCancelled {
            if !isCalled { _ = await alarm.sleep(randomJitter) }
            guard !Task.isCancelled else { break }
            let code = try await runNextPass(health)
            let isLast = [DeployError.Kind.interrupted, .usage].contains { $0.exitCode == code }
            guard !isLast else { return code }
            isCalled = await alarm.sleep(pause)
        }
        return 0
    }

    /// With a voice of its own: what a story keeps, and the URLs at its end, belong to one pass.
    private func runNextPass(_ health: MirrorHealth) async throws(DeployError) -> Int {
        let voice = CommandLineTool.makeReporter(
            for: arguments.flags.flatMap(\.flag.names), invocation.environment)
        defer { voice.finish() }
        let invocation = Invocation(
            command: invocation.command, arguments: arguments, environment: invocation.environment,
            reporter: voice)
        do throws(DeployError) {
            return try await runPass(invocation, health)
        } catch {
            // The next pass may find it mended.
            guard error.kind != .interrupted, error.kind != .usage else { throw error }
            voice.fail(error)
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

    /// The pass itself, in the process that the supervisor started.
    private func runPassProcess(_ invocation: Invocation, _ link: PassLink) async throws(DeployError) -> Int {
        let pass = try await MirrorPass(invocation, link)
        guard link.role == .pass else { return try await pass.runIsolated() }
        let lock = try await pass.lock(waiting: wait)
        defer { lock?.release() }
        return try await pass.run()
    }

    private var randomJitter: Duration { jitter * Double.random(in: 0..<1) }

    private func printHealthURL(_ server: HealthServer) {
        guard arguments.has(.json) else { return invocation.reporter.info("health: \(server.url)") }
        let line = JSONReporter.object("health", nil, [("url", .string(server.url))])
        invocation.environment.out.write(line.description + "\n")
    }
}
