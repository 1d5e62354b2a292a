import Essentials
import Reporting
import SpacesModel
import TextTools

/// Passes, one or many.
struct MirrorRun: Sendable {
    private let invocation: Invocation
    private let wait: Duration
    private let jitter: Duration
    private var arguments: Arguments { invocation.arguments }

    init(_ invocation: Invocation) throws(Failure) {
        self.invocation = invocation
        wait = try invocation.arguments.duration(.passWait) ?? .zero
        jitter = try invocation.arguments.duration(.jitter) ?? .zero
    }

    func run() async throws(Failure) -> Int {
        guard let pause = try arguments.duration(.every) else {
            guard !arguments.has(.health) else {
                throw Failure(
                    .usage, "--health is for a process that stays",
                    hint: "add --every 5m, or use --metrics-file")
            }
            try? await Task.sleep(for: someJitter)
            return try await pass(invocation)
        }
        guard pause > .zero else {
            throw Failure(.usage, "--every \(pause.text) would never rest", hint: "write 5m")
        }
        let pulse = Pulse(every: pause + jitter)
        let door = try arguments.value(.health).map { (text) throws(Failure) in try HealthDoor(text, pulse) }
        if let door { tell(door) }
        let notice = ServiceNotice(invocation.world)
        let attesting = Task { await notice.attest(pulse) }
        defer { attesting.cancel() }
        notice.send("READY=1")
        let code = try await passes(pause, pulse)
        notice.send("STOPPING=1")
        await door?.close()
        return code
    }

    /// One after the other until the process is told to end: between two passes that is no interruption.
    private func passes(_ pause: Duration, _ pulse: Pulse) async throws(Failure) -> Int {
        let alarm = Alarm(), source = alarm.listening()
        defer { source.cancel() }
        var isCalled = false
        while !Task.isCancelled {
            if !isCalled { _ = await alarm.sleep(someJitter) }
            guard !Task.isCancelled else { break }
            let code = try await passAmongOthers(pulse)
            let isLast = [Failure.Kind.interrupted, .usage].contains { $0.exitCode == code }
            guard !isLast else { return code }
            isCalled = await alarm.sleep(pause)
        }
        return 0
    }

    /// With a voice of its own: what a story keeps, and the URLs at its end, belong to one pass.
    private func passAmongOthers(_ pulse: Pulse) async throws(Failure) -> Int {
        let voice = Console.voice(for: arguments.flags.flatMap(\.flag.names), invocation.world)
        defer { voice.finish() }
        let invocation = Invocation(
            command: invocation.command, arguments: arguments, world: invocation.world, voice: voice)
        do throws(Failure) {
            return try await pass(invocation, pulse)
        } catch {
            // The next pass may find it mended.
            guard error.kind != .interrupted, error.kind != .usage else { throw error }
            voice.fail(error)
            pulse.stumbled(error)
            return error.kind.exitCode
        }
    }

    private func pass(_ invocation: Invocation, _ pulse: Pulse? = nil) async throws(Failure) -> Int {
        let link = PassLink(invocation.world)
        guard link.role != nil else { return try await PassSupervisor(invocation, pulse).run() }
        link.watchParent()
        do throws(Failure) { return try await pass(invocation, link) } catch {
            link.send(PassMessage(failure: PassMessage.FailureValue(error)))
            throw error
        }
    }

    /// The pass itself, in the process that the supervisor started.
    private func pass(_ invocation: Invocation, _ link: PassLink) async throws(Failure) -> Int {
        let pass = try await MirrorPass(invocation, link)
        guard link.role == .pass else { return try await pass.runIsolated() }
        let lock = try await pass.lock(waiting: wait)
        defer { lock?.release() }
        return try await pass.run()
    }

    private var someJitter: Duration { jitter * Double.random(in: 0..<1) }

    private func tell(_ door: HealthDoor) {
        guard arguments.has(.json) else { return invocation.voice.note("health: \(door.url)") }
        let line = JSONVoice.object("health", nil, [("url", .string(door.url))])
        invocation.world.out.write(line.description + "\n")
    }
}
