import Testing

@testable import Deploy
@testable import Reporting
@testable import SpacesModel

/// The output of one target on a terminal, with a virtual clock.
struct TargetScreenTests {
    /// A target's screen whose clock is set by the test.
    private struct Screen {
        let space: SpaceID
        var screen: TargetScreen
        var now = ContinuousClock.now

        init(isVerbose: Bool = false, showsLinks: Bool = true) throws {
            space = try #require(SpaceID("me/app"))
            screen = TargetScreen(
                space, .init(isVerbose: isVerbose, showsLinks: showsLinks, style: Style(isOn: false)))
        }

        mutating func add(_ events: Event..., after time: Duration = .zero) {
            now += time
            for event in events { screen.add(event, at: now) }
        }

        mutating func build(_ lines: String...) {
            add(.stage(.building))
            for line in lines { add(.log(.build, LogLine(text: line))) }
        }

        mutating func finish(_ change: (inout DeployResult) -> Void = { _ in }, after time: Duration = .zero)
        {
            now += time
            var result = DeployResult(space, .deployed)
            result.appURL = "https://me-app.hf.space"
            change(&result)
            screen.finish(
                TargetResult(result, RunStatistics(seconds: 54, endpoint: "https://hf.co")), at: now)
        }

        mutating func lines(width: Int? = 80) -> [String] {
            let formatter = ScreenFormatter(width: width, style: Style(isOn: false))
            return screen.takeLines().flatMap(formatter.lines)
        }
    }

    private func commit(_ digit: Character) throws -> ObjectID {
        try #require(ObjectID(String(repeating: digit, count: 40)))
    }

    private func heading(_ subject: String = "v3") throws -> [Event] {
        let source = SourceSummary(
            repository: "app", branch: "main", commit: try commit("a"), subject: subject)
        let info = SpaceInfo(sha: nil, sdk: "docker", appURL: nil, isPrivate: true)
        return [.token("HF_TOKEN"), .step("Reading the source"), .source(source), .target(info)]
    }

    private func plan(_ path: String = "app.py") throws -> Plan {
        var plan = Plan(changes: [])
        plan.changes = [Change(path: Path(path), kind: .updated, why: "changed in the source")]
        return plan
    }

    @Test func `each step of a deploy is one line with its time, and the log is folded`() throws {
        var screen = try Screen()
        for event in try heading() { screen.add(event) }
        screen.add(.planned(try plan()), .step("Pushing to me/app"))
        screen.add(.pushed(try commit("b")), .step("Watching me/app"), after: .milliseconds(300))
        screen.build(
            "===== Build Queued", "--> FROM python:3.12", "CACHED", "--> RUN pip install flask", "DONE 35.2s")
        screen.add(.stage(.appStarting), after: .seconds(41))
        screen.add(.stage(.running), after: .milliseconds(6200))
        screen.finish()
        #expect(
            screen.lines() == [
                #"me/app  main @ aaaaaaa "v3"  →  private docker Space                  (HF_TOKEN)"#,
                "  ~ app.py  changed in the source", "  1 updated",
                "✓ pushed       bbbbbbb                                                     0.3 s",
                "✓ built        2 steps, 1 cached                                          41.0 s",
                "             35.2 s  RUN pip install flask",
                "✓ running                                                                  6.2 s",
                "app   https://me-app.hf.space  (private: sign in first)",
                "page  https://hf.co/spaces/me/app",
            ])
    }

    @Test func `with -v the whole log is printed`() throws {
        var screen = try Screen(isVerbose: true)
        screen.build("--> FROM python:3.12", "DONE 0.1s")
        #expect(screen.lines().suffix(2) == ["    build | --> FROM python:3.12", "    build | DONE 0.1s"])
    }

    @Test func `without a terminal for results, standard error names the page of a private Space`() throws {
        var screen = try Screen(showsLinks: false)
        for event in try heading() { screen.add(event) }
        screen.finish()
        #expect(screen.lines().last == "page  https://hf.co/spaces/me/app  (private: sign in first)")
    }

    /// A failed build as the engine reports it.
    private func failure(why: String?) -> DeployError {
        let error = "ERROR: No matching distribution found for nonsense-pkg==0.0.1"
        var failure = DeployError(
            .failed, "the build of bbbbbbb failed",
            details: [
                "failed step: RUN pip install -r requirements.txt",
                "Job failed with exit code: 1. Reason: " + error,
            ],
            log: [error],
            hint: (why.map { $0 + ": " } ?? "")
                + "check the name\nto roll back to v2: spacesync rollback me/app")
        failure.report = FailureReport(
            log: .build, step: "RUN pip install -r requirements.txt", firstError: error, why: why)
        return failure
    }

    private func failed(why: String?, isVerbose: Bool = false) throws -> [String] {
        var screen = try Screen(isVerbose: isVerbose)
        screen.build(
            "--> FROM python:3.12", "DONE 0.1s", "--> RUN pip install -r requirements.txt",
            "Collecting flask", "",
            "ERROR: No matching distribution found for nonsense-pkg==0.0.1",
            #"ERROR: failed to solve: process "/bin/sh -c pip" did not complete successfully: exit code: 1"#)
        screen.add(.stage(.buildError), after: .milliseconds(12_100))
        screen.finish { result in
            result = DeployResult(result.space, failure: failure(why: why))
            result.stage = .buildError
        }
        return screen.lines()
    }

    @Test func `a failed build is shown once, with cause, fix and what else helps`() throws {
        #expect(
            try failed(why: "this version does not exist") == [
                "me/app",
                "✗ build failed step 2  RUN pip install -r requirements.txt                12.1 s",
                "    Collecting flask",
                "    ERROR: No matching distribution found for nonsense-pkg==0.0.1",
                "    cause  this version does not exist",
                "    fix    check the name",
                "    else   to roll back to v2: spacesync rollback me/app",
                "           spacesync logs me/app --build  (full log, 7 lines)",
            ])
    }

    @Test func `a failed build of unknown cause has no cause, and -v does not repeat the log`() throws {
        let unknown = try failed(why: nil)
        #expect(!unknown.contains { $0.contains("cause ") } && unknown.contains("    fix    check the name"))
        let verbose = try failed(why: nil, isVerbose: true).joined(separator: "\n")
        #expect(verbose.components(of: "No matching distribution") == 1, "\(verbose)")
    }

    @Test func `another error marks the step that was under way`() throws {
        var screen = try Screen()
        screen.add(.step("Pushing to me/app"))
        screen.finish(
            { result in
                result = DeployResult(
                    result.space,
                    failure: DeployError(
                        .refused, "the Hub refused the push", details: ["too large"], hint: "remove it"))
            }, after: .seconds(2))
        #expect(
            screen.lines().dropFirst() == [
                "✗ Pushing to me/app                                                        2.0 s",
                "error: the Hub refused the push", "       too large", "hint: remove it",
            ])
    }

    @Test func `answering no to a prompt is not shown as an error`() throws {
        var screen = try Screen()
        screen.finish { result in
            result = DeployResult(
                result.space, failure: DeployError(.blocked, "nothing was changed", cause: .declined))
        }
        #expect(screen.lines().last == "  nothing was changed")
    }

    @Test func `an upload has share, rate and time left, and one line at its end`() throws {
        var screen = try Screen()
        let size = 200 << 20
        func sent(_ bytes: Int, done: Int = 0) -> Event {
            .uploading(TransferProgress(files: 2, filesDone: done, size: size, sent: bytes))
        }
        screen.add(.step("Uploading 2 files by LFS (200.0 MiB)"), sent(0))
        #expect(
            screen.screen.activityText(at: screen.now) == "uploading  0 %  0 B of 200.0 MiB  0 of 2 files")
        for second in 1...5 { screen.add(sent(second * 10 << 20), after: .seconds(1)) }
        #expect(
            screen.screen.activityText(at: screen.now)
                == "uploading  25 %  50.0 MiB of 200.0 MiB  10.0 MiB/s  15 s left  0 of 2 files")
        // Only the rate of the last seconds counts.
        for second in 1...10 { screen.add(sent((50 + second) << 20, done: 1), after: .seconds(1)) }
        let slow = try #require(screen.screen.activityText(at: screen.now))
        #expect(slow.contains("30 %  60.0 MiB of 200.0 MiB  1.0 MiB/s  2 min 20 s left"), "\(slow)")
        screen.add(sent(size, done: 2), .step("Pushing to me/app"), after: .seconds(5))
        #expect(
            screen.lines().last
                == "✓ uploaded     2 files, 200.0 MiB at 10.0 MiB/s                           20.0 s")
    }

    @Test func `a build, a start and a probe are shown while they last`() throws {
        var screen = try Screen()
        screen.build("--> FROM a", "--> RUN make")
        #expect(
            screen.screen.activityText(at: screen.now + .seconds(12)) == "building  step 2  RUN make  12 s")
        screen.add(.stage(.appStarting))
        #expect(screen.screen.activityText(at: screen.now + .seconds(6)) == "starting  … 6 s")
    }

    @Test(arguments: [20, 40, 80, 100, 120])
    func `every line fits the width`(width: Int) throws {
        var screen = try Screen()
        for event in try heading("日本語のコミット 🚀 with a long subject that does not fit one line of a terminal") {
            screen.add(event)
        }
        screen.add(
            .planned(try plan("src/very/long/path/日本語/" + String(repeating: "x", count: 60) + "/app.py")),
            .detail(String(repeating: "word ", count: 40)),
            .warning(String(repeating: "warning ", count: 20)),
            .remote(String(repeating: "r", count: 150)), .step(String(repeating: "Setting ", count: 30)))
        screen.add(.pushed(try commit("b")))
        let lines = screen.lines(width: width)
        #expect(lines.allSatisfy { $0.cellWidth <= width }, "\(lines)")
        #expect(lines.count > 6)
    }
}

extension String {
    fileprivate func components(of part: String) -> Int { ranges(of: part).count }
}
