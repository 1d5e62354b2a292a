import Foundation
import TestSupport
import Testing

/// Endless build logs that arrive faster than they are printed.
struct LogFloodTests {
    /// Runs a command and prints its peak memory (KiB) as the last line of standard error.
    private static let measured = """
        import resource, subprocess, sys
        status = subprocess.run(sys.argv[1:]).returncode
        print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss, file=sys.stderr)
        sys.exit(status)
        """

    struct Flood: Sendable, CustomTestStringConvertible {
        var name: String
        var text: String
        /// The maximum number of log lines that are printed.
        var lines: Int
        var testDescription: String { name }
    }

    static let floods = [
        Flood(name: "lines", text: "data: {\"data\":\"a line of the log\\n\"}\n\n", lines: .max),
        Flood(name: "one line without an end", text: "data: {\"data\":\"xxxxxxxxxxxxxxx", lines: 5),
        Flood(name: "blank lines", text: "data: {\"data\":\"\\n\"}\n\n", lines: 5),
        Flood(name: "events without a line", text: "data: {}\n\n: keep-alive\n\n", lines: 0),
    ]

    /// The fault in the local Hub's format.
    private struct Fault: Encodable {
        var path = "/logs/build"
        var times = -1
        var flood: String
    }

    @Test(.timeLimit(.minutes(30)), arguments: floods)
    func `watch ends at its time limit, with bounded memory`(_ flood: Flood) async throws {
        let scene = try await Scene()
        let source = try await scene.source(
            Scene.files.merging([".hub.json": #"{"build":{"seconds":600}}"#]) { $1 })
        let pushed = try await scene.spacesync("push", "me/demo", "--create", "--no-wait", in: source.url)
        #expect(pushed.status == 0, "\(pushed)")
        let fault = try JSONEncoder().encode(Fault(flood: flood.text))
        try await scene.hub.fault(String(decoding: fault, as: UTF8.self))
        let start = ContinuousClock.now
        let watched = try await run(
            try Peer("python3").found(),
            ["-c", Self.measured, Binary.path, "watch", "me/demo", "--timeout", "8s"],
            environment: scene.environment, directory: source.url)
        let took = start.duration(to: .now)
        #expect(watched.status == 8, "\(watched.status) \(watched.err.suffix(2_000))")
        #expect(took < .seconds(120), "it ran over its limit of 8 s: \(took)")
        let peak = watched.err.split(separator: "\n").last.flatMap { Int($0) } ?? .max
        #expect(peak < 200 << 10, "\(peak) KiB")
        let shown = watched.err.split(separator: "\n").count { $0.contains("build | ") }
        #expect(shown <= flood.lines, "\(shown) lines: \(watched.err.prefix(2_000))")
        if flood.lines == .max { #expect(shown > 100) }
    }
}
