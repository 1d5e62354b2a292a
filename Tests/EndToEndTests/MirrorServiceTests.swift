import Foundation
import HTTP
import TestSupport
import Testing

/// `mirror --every`: a long-running process, its health endpoint and its systemd notifications.
struct MirrorServiceTests {
    private let quick = #"{"seconds":0}"#

    private func start(_ scene: Scene, _ fleet: Fleet, _ flags: String...) throws -> LiveRun {
        try LiveRun.start(
            Binary.path, try fleet.words("mirror", "--every", "1h") + flags, environment: scene.environment,
            directory: scene.folder.url)
    }

    /// Returns the URL in the first line of the output.
    private func baseURL(of run: LiveRun) async throws -> String {
        #expect(await run.says("/healthz"), "\(run.err)")
        let line = try #require(run.err.split(separator: "\n").first)
        return String(try #require(line.split(separator: " ").last).dropLast("/healthz".count))
    }

    private func ask(_ url: String) async throws -> HTTPClientResponse {
        try await HTTPClient(HTTPClientOptions()).send(
            HTTPClientRequest("GET", try #require(URL(string: url))))
    }

    @Test(.timeLimit(.minutes(30)))
    func `mirror serves health checks, deploys on SIGHUP, and exits cleanly on SIGTERM`() async throws {
        let scene = try await Scene()
        let source = try await Fleet.source(scene, "one", build: quick)
        var fleet = Fleet(scene)
        fleet.add("me/a", from: source)
        let metrics = scene.folder.path + "/m.prom"
        let run = try start(scene, fleet, "--health", "0", "--metrics-file", metrics)
        let baseURL = try await baseURL(of: run)
        #expect(try await ask(baseURL + "/metrics").status == 200, "before the first pass")
        #expect(await run.says("pass: 1 deployed"), "\(run.err)")
        let health = try await ask(baseURL + "/healthz")
        #expect(health.status == 200 && health.text == "ok\n")
        let numbers = try await ask(baseURL + "/metrics")
        #expect(numbers.headers["Content-Type"]?.hasPrefix("text/plain; version=0.0.4") == true)
        #expect(try String(contentsOfFile: metrics, encoding: .utf8) == numbers.text)
        #expect(numbers.text.contains("spacesync_outcome_ok{space=\"me/a\"} 1"), "\(numbers.text)")
        #expect(try await ask(baseURL + "/elsewhere").status == 404)
        let repository = Repository(url: URL(fileURLWithPath: source), home: scene.folder.path + "/home")
        try await repository.commit(["app.py": "print(2)\n"], "Change")
        run.send(SIGHUP)
        #expect(
            await eventually {
                run.err.components(separatedBy: "pass: 1 deployed").count == 3
            },
            "\(run.err)")
        run.send(SIGTERM)
        let ended = await run.end()
        #expect(ended.status == 0 && !ended.err.contains("error"), "\(ended)")
        #expect(ended.out.split(separator: "\n").count == 2, "a URL at each pass's end: \(ended.out)")
    }

    @Test(.timeLimit(.minutes(30)))
    func `the health check fails while passes fail, and recovers`() async throws {
        let scene = try await Scene()
        var fleet = Fleet(scene)
        fleet.add("me/a", from: try await Fleet.source(scene, "one", build: quick))
        let words = try fleet.words(
            "mirror", "--every", "100ms", "--timeout", "60s", "--health", "127.0.0.1:0")
        let config = URL(fileURLWithPath: try #require(words.first { $0.hasSuffix(".conf") }))
        let whole = try Data(contentsOf: config)
        let notifications = try NotificationSocket(at: scene.folder.path + "/notify")
        let environment = scene.environment.merging(
            ["NOTIFY_SOCKET": notifications.path, "WATCHDOG_USEC": "200000"]) { $1 }
        let run = try LiveRun.start(
            Binary.path, words, environment: environment, directory: scene.folder.url)
        let baseURL = try await baseURL(of: run)
        #expect(await run.says("pass: 1 deployed"), "\(run.err)")
        try Data("[space \"me/a\"]\n\tbrunch = main\n".utf8).write(to: config)
        var unhealthy: HTTPClientResponse?
        _ = try await eventually {
            unhealthy = try await ask(baseURL + "/healthz")
            return unhealthy?.status == 503
        }
        #expect(unhealthy?.status == 503)
        #expect(
            unhealthy?.text.contains("the last pass failed: ") == true, "\(unhealthy?.text ?? "")")
        #expect(unhealthy?.text.contains("1 invalid setting") == true, "\(unhealthy?.text ?? "")")
        let messageCount = notifications.messages.count
        #expect(
            await eventually { notifications.messages.count > messageCount + 2 },
            "another process would not mend the settings")
        try whole.write(to: config)
        #expect(try await eventually { try await ask(baseURL + "/healthz").status == 200 })
        run.send(SIGTERM)
        // 0 between two passes, 130 during one: ten passes start per second here.
        let ended = await run.end()
        #expect([0, 130].contains(ended.status), "\(ended)")
    }

    @Test(.timeLimit(.minutes(30)))
    func `a running push gets its response before the process ends`() async throws {
        let scene = try await Scene()
        var fleet = Fleet(scene)
        fleet.add("me/a", from: try await Fleet.source(scene, "one", build: quick))
        fleet.add("me/b", from: try await Fleet.source(scene, "two", build: quick))
        try await scene.hub.fault(#"{"method":"POST","path":"git-receive-pack","delay_ms":10000}"#)
        let run = try LiveRun.start(
            Binary.path, try fleet.words("mirror", "--every", "1h", "--json", jobs: 1),
            environment: scene.environment, directory: scene.folder.url)
        // A commit is counted just before it is sent.
        #expect(try await eventually { try scene.passMemory().commits == 1 })
        run.send(SIGTERM)
        let ended = await run.end()
        #expect(ended.status == 130, "\(ended)")
        let results = ended.events("result")
        let first = try #require(results.first { $0["space"] as? String == "me/a" })
        #expect(first["outcome"] as? String == "interrupted", "\(ended)")
        let commit = try #require(first["commit"] as? String, "\(ended)")
        let head = try await scene.repository(of: "me/a").head("main")
        #expect(head == commit)
        #expect(try scene.passMemory().commits == 1, "the other was not begun")
        let last = try #require(ended.events.last)
        #expect(last["event"] as? String == "pass" && last["exit"] as? Int == 130, "\(ended)")
        let next = try await fleet.run("mirror")
        #expect(next.status == 0, "\(next)")
        #expect(try await scene.repository(of: "me/a").head("main") == commit)
    }

    @Test(.timeLimit(.minutes(30)))
    func `systemd is notified of readiness and of the watchdog`() async throws {
        let scene = try await Scene()
        var fleet = Fleet(scene)
        fleet.add("me/a", from: try await Fleet.source(scene, "one", build: quick))
        let notifications = try NotificationSocket(at: scene.folder.path + "/notify")
        let environment = scene.environment.merging(
            ["NOTIFY_SOCKET": notifications.path, "WATCHDOG_USEC": "200000"]) { $1 }
        let run = try LiveRun.start(
            Binary.path, try fleet.words("mirror", "--every", "1h"), environment: environment,
            directory: scene.folder.url)
        #expect(
            await eventually { notifications.messages.contains("WATCHDOG=1") }, "\(notifications.messages)")
        #expect(notifications.messages.first == "READY=1")
        run.send(SIGTERM)
        _ = await run.end()
        #expect(await eventually { notifications.messages.last == "STOPPING=1" }, "\(notifications.messages)")
    }

    @Test func `invalid combinations of flags are refused`() async throws {
        let scene = try await Scene()
        var fleet = Fleet(scene)
        fleet.add("me/a", from: scene.folder.path)
        for (flags, words) in [
            (["--health", "0"], "add --every 5m"), (["--every", "0"], "use a value such as 5m"),
            (["--every", "5m", "--health", "localhost"], "0.0.0.0:9464"),
            (["--every", "5m", "--health", ":80800"], "0.0.0.0:9464"),
            (["--every", "5m", "--health", "192.0.2.1:0"], "cannot listen on 192.0.2.1:0"),
        ] {
            let run = try await scene.spacesync(try fleet.words("mirror") + flags)
            #expect(run.status == 2 && run.err.contains(words), "\(run)")
        }
        #expect(try await scene.hub.asked().isEmpty)
    }
}

/// A notification socket like the one systemd gives to a service.
private final class NotificationSocket: Sendable {
    let path: String
    private let descriptor: Int32

    init(at path: String) throws {
        self.path = path
        descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = Array(path.utf8)
        try #require(bytes.count < MemoryLayout.size(ofValue: address.sun_path))
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
        let status = withUnsafeBytes(of: &address) { raw in
            raw.baseAddress.map {
                bind(
                    descriptor, $0.assumingMemoryBound(to: sockaddr.self),
                    socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        try #require(status == 0)
    }

    deinit { close(descriptor) }

    private let words = Words()

    var messages: [String] {
        var buffer = [UInt8](repeating: 0, count: 100)
        while true {
            let count = recv(descriptor, &buffer, buffer.count, 0)
            guard count > 0 else { return words.all }
            words.add(String(decoding: buffer.prefix(count), as: UTF8.self))
        }
    }
}
