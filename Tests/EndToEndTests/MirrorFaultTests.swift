import Foundation
import TestSupport
import Testing

/// Two hundred targets of twenty sources in one pass; a tenth of the targets have faults. One
/// source has changed, so its ten Spaces are deployed.
struct MirrorFaultTests {
    private struct Fault {
        var number: Int
        /// JSON fields of the fault; `nil` if the test changes the Space or source instead.
        var json: String?
        /// The exit code of the target.
        var code = 0
        /// The number of requests for the target; `nil` if it watches a build.
        var requests: Int?

        init(_ number: Int, _ json: String? = nil, code: Int = 0, requests: Int? = nil) {
            (self.number, self.json, self.code, self.requests) = (number, json, code, requests)
        }

        /// Returns the fault's JSON for a Space. `PATH` in it stands for the Space, otherwise the
        /// Space is the path.
        func order(for space: String) -> String? {
            guard let json else { return nil }
            return "{"
                + (json.contains("PATH")
                    ? json.replacing("PATH", with: space) : "\(json),\"path\":\"\(space)\"") + "}"
        }
    }

    private static let faults = [
        // Permanent faults: the info and the references are each requested twice.
        Fault(1, #""status":500,"times":-1"#, code: 75, requests: 4),
        Fault(2, #""status":503,"times":-1"#, code: 75, requests: 4),
        Fault(3, #""drop":true,"times":-1"#, code: 75, requests: 4),
        Fault(4, #""delay_ms":30000,"times":-1"#, code: 75, requests: 4),
        Fault(5, #""delay_ms":30000,"times":-1"#, code: 75, requests: 4),
        // One fault each: the retry succeeds.
        Fault(11, #""status":503"#, requests: 2), Fault(12, #""status":429"#, requests: 2),
        Fault(13, #""delay_ms":30000"#, requests: 2), Fault(14, #""after_bytes":20"#, requests: 2),
        Fault(15, #""status":502"#, requests: 2),
        // Deleted (info and references both return 404); failed to build since; missing source.
        Fault(21, code: 6, requests: 2), Fault(31, code: 7), Fault(41, code: 4, requests: 0),
        // Edited on the Space; a push that is forbidden, that fails, or that succeeds with a lost
        // or truncated response.
        Fault(191, code: 9),
        Fault(
            192, #""method":"POST","path":"PATH/git-receive-pack","status":403,"body":"protected branch""#,
            code: 5),
        Fault(193, #""method":"POST","path":"PATH/git-receive-pack","status":500"#, code: 75),
        Fault(194, #""method":"POST","path":"PATH/git-receive-pack","drop":true"#),
        Fault(195, #""method":"POST","path":"PATH/git-receive-pack","after_bytes":10"#),
        // Faults during the watch.
        Fault(196, #""path":"PATH/runtime","status":500,"times":3"#),
        Fault(197, #""path":"PATH/logs/build","status":500,"times":-1"#),
    ]

    private static func space(_ number: Int) -> String { "me/t\(1000 + number)" }

    private func settings(_ scene: Scene, _ numbers: some Sequence<Int>, create: Bool = false) throws
        -> String
    {
        let sections = numbers.map { number in
            let source = "source\(number == 41 && !create ? 99 : (number - 1) / 10)"
            return "[space \"\(Self.space(number))\"]\n\tsource = \(scene.folder.path)/\(source)\n"
                + (create ? "\tcreate = true\n" : "")
        }
        let file = scene.folder.path + (create ? "/first.conf" : "/all.conf")
        try Data(sections.joined().utf8).write(to: URL(fileURLWithPath: file))
        return file
    }

    /// Creates all Spaces, deployed and unchanged.
    private func prepare(_ scene: Scene) async throws -> Repository {
        let files = Scene.files.merging([".hub.json": #"{"build":{"seconds":0}}"#]) { $1 }
        let source = try await scene.source(files, named: "source0")
        for number in 1..<20 {
            let copy = scene.folder.url.appending(path: "source\(number)")
            try FileManager.default.copyItem(at: source.url, to: copy)
        }
        let deployed = try await scene.spacesync(
            "mirror", "--config", try settings(scene, [200], create: true))
        try #require(deployed.status == 0, "\(deployed)")
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 1..<200 {
                group.addTask {
                    let body = #"{"repository":"\#(Self.space(number))"}"#
                    _ = try await scene.hub.api("POST", "/spaces/\(Self.space(200))/duplicate", body)
                }
            }
            try await group.waitForAll()
        }
        return Repository(url: scene.folder.url.appending(path: "source19"), home: source.home)
    }

    private func inject(_ scene: Scene) async throws {
        _ = try await scene.hub.api("DELETE", "/repos/delete", #"{"type":"space","name":"t1021"}"#)
        _ = try await scene.hub.call(
            "POST", "/_hub/stage", #"{"space":"\#(Self.space(31))","stage":"BUILD_ERROR"}"#)
        try await scene.clone(Self.space(191)).publish(["app.py": "print('by hand')\n"])
        // Without the list, each Space is requested by name, so each fault occurs.
        try await scene.hub.fault(#"{"path":"/api/spaces?author","status":403,"times":-1}"#)
        for fault in Self.faults {
            if let order = fault.order(for: Self.space(fault.number)) { try await scene.hub.fault(order) }
        }
    }

    @Test(.timeLimit(.minutes(30)))
    func `faults at a tenth of two hundred targets affect no other target and cause no extra requests`()
        async throws
    {
        let scene = try await Scene(), moving = try await prepare(scene)
        let all = try settings(scene, 1...200)
        let metrics = scene.folder.path + "/m.prom"
        let flags = ["mirror", "--config", all, "--metrics-file", metrics, "--json", "--timeout", "30s"]
        let quiet = try await scene.spacesync(flags)
        #expect(quiet.events("result").count { $0["exit"] as? Int == 0 } == 199, "\(quiet)")
        try await moving.commit(["app.py": "print('moved')\n"], "Move")
        try await inject(scene)
        try await scene.hub.forget()
        let start = ContinuousClock.now
        let run = try await scene.spacesync(
            flags, changing: ["SPACESYNC_IDLE_TIMEOUT": "4s", "SPACESYNC_CONNECT_TIMEOUT": "5s"])
        let took = start.duration(to: .now)
        try checkOutcomes(of: run)
        try checkMetrics(try String(contentsOfFile: metrics, encoding: .utf8))
        let asked = try await scene.hub.asked()
        checkRequests(asked, reportedBy: run)
        #expect(took < .seconds(100), "the hung ones hold nobody up: \(took)")
        try await checkCommits(scene)
        _ = try await scene.hub.call("DELETE", "/_hub/faults")
        let next = try await scene.spacesync(flags)
        let codes = next.events("result").filter { $0["exit"] as? Int != 0 }.compactMap {
            $0["space"] as? String
        }
        #expect(codes.sorted() == [21, 31, 41, 191].map(Self.space), "the others are mended: \(next.err)")
        #expect(next.status == 4)
    }

    private func checkOutcomes(of run: Finished) throws {
        #expect(run.status == 5, "the gravest: \(run.err)")
        let codes = Dictionary(
            run.events("result").map { ($0["space"] as? String ?? "", $0["exit"] as? Int ?? -1) }
        ) { $1 }
        #expect(codes.count == 200)
        var expected = Dictionary(uniqueKeysWithValues: (1...200).map { (Self.space($0), 0) })
        for fault in Self.faults { expected[Self.space(fault.number)] = fault.code }
        for (space, code) in expected { #expect(codes[space] == code, "\(space)") }
        let pass = try #require(run.events.last)
        #expect(pass["event"] as? String == "pass" && pass["targets"] as? Int == 200)
        #expect(pass["exit"] as? Int == 5 && pass["deferred"] as? Int == 0)
        let outcomes = try #require(pass["outcomes"] as? [String: Int])
        // 190 targets of unchanged sources, minus the eight that fail.
        #expect(outcomes == ["unchanged": 182, "deployed": 7, "failed": 8, "refused": 3], "\(outcomes)")
    }

    private func checkMetrics(_ text: String) throws {
        let lines = Set(text.split(separator: "\n").map { String($0) })
        #expect(lines.count { $0.hasPrefix("spacesync_outcome_ok{") && $0.hasSuffix(" 1") } == 189)
        for fault in Self.faults {
            #expect(
                lines.contains("spacesync_exit_code{space=\"\(Self.space(fault.number))\"} \(fault.code)"))
        }
    }

    private func checkRequests(_ asked: [HubProcess.Asked], reportedBy run: Finished) {
        let results = run.events("result")
        let reported = Dictionary(
            results.map { ($0["space"] as? String ?? "", $0["requests"] as? Int ?? -1) }
        ) { $1 }
        let bySpace = Dictionary(grouping: asked) { call in
            call.path.split(separator: "/").first { $0.wholeMatch(of: /t1\d{3}/) != nil }.map { "me/\($0)" }
                ?? ""
        }
        let others = bySpace[""] ?? []
        #expect(
            others.map(\.path) == ["/api/spaces"], "but for the list only Spaces are asked for: \(others)")
        // The request for the list counts for the Space that needed it first.
        var isListCounted = false
        let faults = Dictionary(uniqueKeysWithValues: Self.faults.map { ($0.number, $0) })
        for number in 1...190 {
            // An unchanged Space costs one request: its info, which has its head.
            guard let expected = faults[number].map(\.requests) ?? 1 else { continue }
            let count = reported[Self.space(number)] ?? -1
            let hasList = count == expected + 1 && !isListCounted
            isListCounted = isListCounted || hasList
            #expect(hasList || count == expected, "\(number): \(count), not \(expected)")
            // The Hub logs a hanging request only when it is over; libcurl repeats a request that
            // breaks off before its response.
            guard ![3, 4, 5, 13].contains(number) else { continue }
            let calls = bySpace[Self.space(number)] ?? []
            #expect(calls.count == expected, "\(number): \(calls)")
        }
        let total = reported.values.reduce(0, +)
        #expect(run.events("pass").last?["requests"] as? Int == total)
        for number in 198...200 {
            let calls = bySpace[Self.space(number)] ?? []
            #expect(
                calls.filter(\.isGit).map(\.method) == ["GET", "POST"], "references, then the pack: \(calls)")
            // The info before the push, the watch's own requests, and one or two for each stage with its log.
            #expect(calls.count <= 12, "\(calls)")
        }
    }

    private func checkCommits(_ scene: Scene) async throws {
        // The Hub's initial commit, the first deploy, and another if the push arrived, even if its
        // response was lost.
        for (number, count) in [
            (1, 2), (11, 2), (191, 3), (192, 2), (193, 2), (194, 3), (195, 3), (196, 3), (200, 3),
        ] {
            #expect(try await scene.count(ofCommitsOn: Self.space(number)) == count, "\(number)")
        }
    }
}
