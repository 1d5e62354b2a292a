import Deploy
import Essentials
import HTTPServer
import Reporting
import SpacesModel
import Synchronization
import TextTools

/// The health of the passes and the metrics of the last one, for monitoring.
final class MirrorHealth: Sendable {
    private struct State {
        var lastPassEnd = ContinuousClock.now
        /// The end of the last pass, including failed passes.
        var lastActivity = ContinuousClock.now
        var hasCompletedPass = false
        /// The maximum duration of a pass.
        var limit = Duration.seconds(20 * 60)
        var failure: DeployError?
        var metrics = "# no pass has ended yet\n"
    }

    private let state = Mutex(State())
    private let pause: Duration

    /// - Parameter pause: from the end of a pass to the start of the next one.
    init(every pause: Duration) { self.pause = pause }

    func recordStart(within limit: Duration) { state.withLock { $0.limit = limit } }

    func recordEnd(_ metrics: String) {
        state.withLock { state in
            (state.lastPassEnd, state.lastActivity, state.hasCompletedPass) = (.now, .now, true)
            (state.failure, state.metrics) = (nil, metrics)
        }
    }

    /// Records that a pass failed before it reached its targets.
    func recordFailure(_ failure: DeployError) {
        state.withLock { ($0.failure, $0.lastActivity) = (failure, .now) }
    }

    /// Whether passes no longer end, successfully or not, so that only a restart of the process
    /// helps. Invalid settings do not count as stuck.
    func isStuck(at now: ContinuousClock.Instant = .now) -> Bool {
        state.withLock { $0.lastActivity.duration(to: now) >= maxInterval($0) }
    }

    private func maxInterval(_ state: State) -> Duration { pause + pause + state.limit }

    var metrics: String { state.withLock { $0.metrics } }

    /// The reason why the process is unhealthy; `nil` if passes run on schedule.
    func errorMessage(at now: ContinuousClock.Instant = .now) -> String? {
        let state = state.withLock { $0 }
        if let failure = state.failure, failure.kind != .tryLater {
            let details = failure.details.first.map { ": \($0)" } ?? ""
            return "the last pass failed: \(failure.message)\(details)"
        }
        let elapsed = state.lastPassEnd.duration(to: now)
        guard elapsed >= maxInterval(state) else { return nil }
        let problem = state.hasCompletedPass ? "no pass has ended" : "no pass has ended since the start"
        return
            "\(problem) for \(elapsed.text(.minutes)); one is due every \(pause.text(.setting)) and may take up to \(state.limit.text(.minutes))"
            + (state.failure.map { ": \($0.message)" } ?? "")
    }
}

/// The health endpoint of `mirror --every`: `GET /healthz` (200 while passes run on schedule,
/// otherwise 503 with the reason) and `GET /metrics`.
struct HealthServer: Sendable {
    let url: String
    private let server: Server

    /// - Parameter text: `[HOST:]PORT`: loopback without a host, any free port for port 0.
    /// - Throws: kind `usage` if the address is invalid or cannot be listened on.
    init(_ text: String, _ health: MirrorHealth) throws(DeployError) {
        let (host, port) = try Self.address(text)
        let listener: Listener
        do { listener = try Listener(host: host, port: port) } catch {
            throw DeployError(
                .usage, "--health: cannot listen on \(text)", details: ["\(error)"],
                hint: "use another port, or 0 for any free port")
        }
        url = "http://\(host == "0.0.0.0" ? "127.0.0.1" : host):\(listener.port)/healthz"
        let router = Self.router(health)
        var options = Server.Options()
        options.idleLimit = .seconds(30)
        server = Server(listener, options) { try await router.handle($0) }
    }

    func close() async { await server.stop() }

    private static func router(_ health: MirrorHealth) -> Router {
        var router = Router()
        router.on("GET", "/healthz") { _ in
            health.errorMessage().map { .text($0.visible + "\n", status: 503) } ?? .text("ok\n")
        }
        router.on("GET", "/metrics") { _ in
            .text(health.metrics, type: "text/plain; version=0.0.4; charset=utf-8")
        }
        return router
    }

    private static func address(_ text: String) throws(DeployError) -> (host: String, port: UInt16) {
        let colon = text.lastIndex(of: ":")
        let host = colon.map { String(text[..<$0]) } ?? "127.0.0.1"
        guard let port = UInt16(colon.map { text[text.index(after: $0)...] } ?? text[...]), !host.isEmpty
        else {
            throw DeployError(
                .usage, "--health: \"\(text)\" is not a valid PORT or HOST:PORT",
                hint: "use 9464, or 0.0.0.0:9464 to accept requests from other machines")
        }
        return (host == "localhost" ? "127.0.0.1" : host, port)
    }
}

/// Notifications to systemd from a service with `Type=notify` (sd_notify(3)); sends nothing if
/// `NOTIFY_SOCKET` is not set.
struct SystemdNotifier: Sendable {
    private let path: String?
    /// The interval of watchdog notifications, half of systemd's limit; `nil` if none are expected.
    let interval: Duration?

    init(_ environment: CommandEnvironment) {
        let path = environment["NOTIFY_SOCKET"]
        self.path = path
        let isForThisProcess = environment["WATCHDOG_PID"].map { $0 == "\(getpid())" } ?? true
        let limit = environment["WATCHDOG_USEC"].flatMap(Int64.init)
        interval = limit.flatMap { isForThisProcess && path != nil && $0 > 0 ? .microseconds($0 / 2) : nil }
    }

    func send(_ text: String) {
        guard let path else { return }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        // The name of an abstract socket starts with a zero byte and has no terminating one
        // (unix(7)).
        let name = path.hasPrefix("@") ? [0] + path.utf8.dropFirst() : Array(path.utf8)
        let capacity = MemoryLayout.size(ofValue: address.sun_path)
        guard name.count < capacity else { return }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: name) }
        let length = socklen_t(MemoryLayout<sockaddr_un>.size - capacity + name.count)
        let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        _ = withUnsafeBytes(of: &address) { bytes in
            Array(text.utf8).withUnsafeBytes { message in
                sendto(
                    descriptor, message.baseAddress, message.count, Int32(MSG_DONTWAIT),
                    bytes.baseAddress?.assumingMemoryBound(to: sockaddr.self), length)
            }
        }
    }

    /// Sends watchdog notifications as long as passes are not stuck.
    func sendWatchdog(_ health: MirrorHealth) async {
        guard let interval else { return }
        while (try? await Task.sleep(for: interval)) != nil {
            if !health.isStuck() { send("WATCHDOG=1") }
        }
    }
}
