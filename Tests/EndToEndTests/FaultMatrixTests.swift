import Foundation
import TestSupport
import Testing

@testable import HTTP

/// Every kind of request with every fault, over one deploy: create the Space, send an LFS object,
/// push, watch, probe. The normal run takes a fixed-seed sample; `SPACESYNC_FULL=1` runs all cases
/// and writes the table to `SPACESYNC_FAULT_TABLE` if that names a file.
struct FaultMatrixTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var request: Request
        var fault: Fault
        var testDescription: String { "\(request.name) with \(fault.name)" }
    }

    struct Request: Sendable {
        var name: String
        var method: String
        /// A substring of path and query.
        var path: String
        /// True if the request sends files. `--timeout` covers only build, start and probes: an
        /// upload ends after two minutes without progress, or five at an LFS server.
        var sends = false
    }

    struct Fault: Sendable {
        var name: String
        /// JSON fields of the fault.
        var json: String
    }

    /// The requests of a push. References are read by `ls-refs`, which is part of "fetch"; the
    /// app's log is read only if the app fails.
    static let requests = [
        Request(name: "create", method: "POST", path: "/api/repos/create"),
        Request(name: "references for writing", method: "GET", path: "service=git-receive-pack"),
        Request(name: "fetch", method: "POST", path: "/git-upload-pack"),
        Request(name: "LFS batch", method: "POST", path: "/objects/batch", sends: true),
        Request(name: "LFS upload", method: "PUT", path: "/", sends: true),
        Request(name: "LFS verify", method: "POST", path: "verify", sends: true),
        Request(name: "push", method: "POST", path: "/git-receive-pack", sends: true),
        Request(name: "variables", method: "GET", path: "/variables"),
        Request(name: "set a variable", method: "POST", path: "/variables"),
        Request(name: "Space record", method: "GET", path: "/api/spaces/me/demo?"),
        Request(name: "runtime", method: "GET", path: "/runtime"),
        Request(name: "build log", method: "GET", path: "/logs/build"),
        Request(name: "probe", method: "GET", path: "/?ready"),
    ]

    static let faults: [Fault] =
        [401, 403, 404, 408, 429, 500, 501, 503, 599].map {
            Fault(name: "\($0)", json: #""status":\#($0),"body":"rehearsed""#)
        } + [
            Fault(
                name: "HTML page",
                json:
                    #""status":200,"headers":{"Content-Type":"text/html"},"body":"<html><h1>Log in</h1></html>""#
            ),
            Fault(name: "drop", json: #""drop":true"#),
            Fault(name: "cut after 0", json: #""after_bytes":0"#),
            Fault(name: "cut after 40", json: #""after_bytes":40"#),
            Fault(name: "cut body", json: #""cut_body":100"#),
            Fault(name: "slow body", json: #""slow_body":200000"#),
            Fault(name: "hold", json: #""hold_ms":1500"#),
            Fault(name: "hold for long", json: #""hold_ms":60000"#),
        ]

    static let isFull = ProcessInfo.processInfo.environment["SPACESYNC_FULL"] != nil

    static var cases: [Case] {
        let all = requests.flatMap { request in faults.map { Case(request: request, fault: $0) } }
        guard !isFull else { return all }
        var random = FixedSeed(17)
        // One case for each kind of request, with a different fault each time.
        let shuffled = faults.shuffled(using: &random)
        return requests.enumerated().map { index, request in
            Case(request: request, fault: shuffled[index % shuffled.count])
        }
    }

    private static let allowed: Set<Int32> = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 75]

    @Test(.timeLimit(.minutes(30)), arguments: cases)
    func `a fault gives a documented exit code and a complete Space, and the next run converges`(
        _ rehearsal: Case
    )
        async throws
    {
        let scene = try await Scene()
        let isFirst = rehearsal.request.name == "create"
        let source = try await scene.matrixSource()
        if !isFirst {
            let first = try await scene.matrixPush(source, mode: "fast")
            try #require(first.status == 0, "\(first)")
            try await source.matrixChange()
            // Without the cache, the Space is fetched again.
            scene.dropCache()
        }
        try await scene.hub.fault(
            "{\"method\":\"\(rehearsal.request.method)\",\"path\":\"\(rehearsal.request.path)\","
                + "\"times\":6,\(rehearsal.fault.json)}")
        let clock = ContinuousClock(), begin = clock.now
        let faulty = try await scene.matrixPush(source, mode: "slow")
        let took = begin.duration(to: clock.now)
        #expect(Self.allowed.contains(faulty.status), "\(faulty)")
        let limit = rehearsal.request.sends ? 180 : 60
        #expect(took < .seconds(limit), "it ran over its limit: \(took), \(faulty)")
        #expect(!faulty.err.contains("<h1>"), "no page is dumped: \(faulty)")
        let between = try await scene.matrixState()
        #expect(
            [nil, "1", "2"].contains(between),
            "the Space has neither the old nor the new content: \(between ?? "")")
        let left = try await scene.hub.call("GET", "/_hub/faults").text
        #expect(!left.contains("\"times\":6"), "the push made no such request: \(faulty)")
        _ = try await scene.hub.call("DELETE", "/_hub/faults")
        let next = try await scene.matrixPush(source, mode: "slow")
        #expect(next.status == 0, "after \(faulty.status): \(next)")
        #expect(try await scene.matrixState() == (isFirst ? "1" : "2"))
        try await FaultTable.shared.add(rehearsal, faulty.status, took)
    }
}

/// A table of the outcomes of the whole matrix.
private actor FaultTable {
    static let shared = FaultTable()
    private var codes: [String: [String: Int32]] = [:]
    private var slowest = Duration.zero

    func add(_ rehearsal: FaultMatrixTests.Case, _ status: Int32, _ took: Duration) throws {
        guard let path = ProcessInfo.processInfo.environment["SPACESYNC_FAULT_TABLE"] else { return }
        codes[rehearsal.request.name, default: [:]][rehearsal.fault.name] = status
        slowest = max(slowest, took)
        let names = FaultMatrixTests.faults.map(\.name)
        var lines = [
            "Exit codes by request and fault; the slowest run took \(slowest).", "",
            "| request | " + names.joined(separator: " | ") + " |",
            "|---" + String(repeating: "|---", count: names.count) + "|",
        ]
        for request in FaultMatrixTests.requests.map(\.name) {
            let row = names.map { codes[request]?[$0].map { "\($0)" } ?? "" }
            lines.append("| \(request) | " + row.joined(separator: " | ") + " |")
        }
        try Data((lines.joined(separator: "\n") + "\n").utf8).write(to: URL(fileURLWithPath: path))
    }
}

extension Scene {
    fileprivate func matrixSource() async throws -> Repository {
        let source = try await source(
            Scene.files.merging([
                "app.py": "print(1)\n",
                ".hub.json": #"{"build":{"seconds":0.1},"start":{"seconds":0}}"#,
            ]) { $1 })
        try source.write(bytes: ["model.bin": Data((0..<50_000).map { UInt8($0 & 255) })])
        try await source.git("add", "-A")
        try await source.git("commit", "-qm", "Model")
        return source
    }

    fileprivate func matrixPush(_ source: Repository, mode: String) async throws -> Finished {
        try await spacesync(
            "push", "me/demo", "--create", "--visibility", "public", "--yes", "--timeout", "20s", "-c",
            "variable=MODE=\(mode)", "-c", "probe=/?ready",
            in: source.url, changing: ["SPACESYNC_IDLE_TIMEOUT": "5s"])
    }

    /// Returns the version that the Space completely has, `1` or `2`; `nil` if the Space is missing
    /// or has neither version.
    fileprivate func matrixState() async throws -> String? {
        let repository = Repository(
            url: folder.url.appending(path: "hub/spaces/me/demo.git"), home: folder.path + "/home")
        guard FileManager.default.fileExists(atPath: repository.url.path),
            let app = try? await repository.git("show", "main:app.py")
        else { return nil }
        let pointer = try await repository.git("show", "main:model.bin")
        let number = app == "print(1)" ? "1" : app == "print(2)" ? "2" : app
        let oid = pointer.components(separatedBy: "sha256:").last?.prefix(64).description ?? ""
        guard try bytes(of: oid).count == (number == "2" ? 60_000 : 50_000) else {
            return "half of \(number)"
        }
        return number
    }
}

extension Repository {
    fileprivate func matrixChange() async throws {
        try write(["app.py": "print(2)\n"])
        try write(bytes: ["model.bin": Data((0..<60_000).map { UInt8($0 & 127) })])
        try await git("add", "-A")
        try await git("commit", "-qm", "Change")
    }
}
