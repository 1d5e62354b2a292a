import Deploy
import Foundation
import Synchronization

extension Command {
    static let mirror = Command(
        name: "mirror", synopsis: "[SPACE…]",
        summary: "one pass over all Spaces of the settings, for cron",
        details: """
            Pushes everything first, jobs at a time, then watches all together under one deadline. A pass over
            what has not changed makes no commit, and says nothing where nobody reads along. Passes never
            overlap: a second one ends with 75 and says who is at it (--wait waits).
            A .spacesync of a source counts as in a hook: for Spaces that your own side names.
            Variables, secrets and hardware are compared when the settings changed, with each push, and every
            reconcile (6h). --every stays: SIGHUP begins a pass at once.
            """,
        flags: [.only, .since, .passWait, .every, .jitter, .metricsFile, .passLog] + Flag.mirrored
    ) { (invocation) async throws(Failure) in
        try await MirrorRun(invocation).run()
    }
}

extension Flag {
    static let only = Flag(
        "--only", value: "SPACE", "this Space and no other (repeatable; words do the same)")
    static let since = Flag(
        "--since", value: "TIME", "leaves out what its source has not changed for so long")
    static let passWait = Flag("--wait", value: "TIME", "how long to wait for another pass (0s)")
    static let every = Flag("--every", value: "TIME", "stays, and begins a pass every so often; SIGHUP: now")
    static let jitter = Flag("--jitter", value: "TIME", "waits up to so long before a pass, at random")
    static let metricsFile = Flag(
        "--metrics-file", value: "FILE",
        "writes numbers for Prometheus (the node exporter's textfile collector)")
    static let passLog = Flag("--log", value: "FILE", "adds a line for each target of each pass")

    /// Of a push, what makes sense for all targets.
    static let mirrored = [
        Flag.config, .tokenFile, .set, .noWait, .timeout, .force, .yes, .prune,
    ]
}

/// Passes, one or many.
struct MirrorRun: Sendable {
    let invocation: Invocation
    private var arguments: Arguments { invocation.arguments }

    init(_ invocation: Invocation) { self.invocation = invocation }

    func run() async throws(Failure) -> Int {
        let (wait, jitter) = (try arguments.duration(.passWait), try arguments.duration(.jitter))
        guard let pause = try arguments.duration(.every) else {
            await rest(jitter)
            return try await pass(waiting: wait ?? .zero)
        }
        let alarm = Alarm(), source = alarm.listening()
        defer { source.cancel() }
        var code = 0
        while !Task.isCancelled {
            await rest(jitter)
            do { code = try await pass(waiting: wait ?? .zero) } catch {
                // The next pass may find it mended.
                guard error.kind != .interrupted, error.kind != .usage else { throw error }
                invocation.voice.fail(error)
                code = error.kind.exitCode
            }
            await alarm.sleep(pause)
        }
        return code == 0 ? Failure.Kind.interrupted.exitCode : code
    }

    private func pass(waiting limit: Duration) async throws(Failure) -> Int {
        let pass = try await MirrorPass(invocation)
        let lock = try await pass.lock(waiting: limit)
        defer { lock?.release() }
        return try await pass.run()
    }

    private func rest(_ jitter: Duration?) async {
        guard let jitter, jitter > .zero else { return }
        try? await Task.sleep(for: jitter * Double.random(in: 0..<1))
    }
}

/// Sleeps between passes, and wakes at SIGHUP.
private final class Alarm: Sendable {
    private let hasRung = Atomic(false)

    /// Hears the signal for as long as what it returns is kept.
    func listening() -> any DispatchSourceSignal {
        // The default action would end the process before the source hears of it.
        signal(SIGHUP, SIG_IGN)
        let source = DispatchSource.makeSignalSource(signal: SIGHUP)
        source.setEventHandler { self.hasRung.store(true, ordering: .relaxed) }
        source.resume()
        return source
    }

    func sleep(_ time: Duration) async {
        let end = ContinuousClock.now + time
        while ContinuousClock.now < end, !hasRung.exchange(false, ordering: .relaxed) {
            let step = min(.milliseconds(250), ContinuousClock.now.duration(to: end))
            guard (try? await Task.sleep(for: step)) != nil else { return }
        }
    }
}
