import Deploy
import Foundation
import TestSupport
import Testing

@testable import CLI
@testable import Reporting
@testable import SpacesModel

/// Tests for the output to the runner of GitHub Actions.
struct WorkflowTests {
    @Test func `a workflow command escapes any text to one line`() {
        let command = WorkflowCommand.annotation(
            .error, titled: "me/a: x,y", ["100 % of\r\nit", "::endgroup::"], file: "a,b.py", line: 3)
        #expect(
            command.description
                == "::error file=a%2Cb.py,line=3,title=me/a%3A x%2Cy::100 %25 of%0Ait%0A::endgroup::")
        #expect(WorkflowCommand.group("me/a").description == "::group::me/a")
        #expect(WorkflowCommand.endGroup.description == "::endgroup::")
        // A line number without a file is omitted.
        #expect(
            WorkflowCommand.annotation(.warning, titled: "t", ["w"], line: 3).description
                == "::warning title=t::w")
    }

    @Test(arguments: [
        ("a\n  ::error::b\n", "a\n  \u{200B}::error::b\n"), ("x ##[error]y", "x #\u{200B}#[error]y"),
        ("a\r\n::b::\r::c::", "a\r\n\u{200B}::b::\r\u{200B}::c::"), ("###[x]", "##\u{200B}#[x]"),
        ("a ::error::b", "a ::error::b"), ("", ""), ("# [x]\n", "# [x]\n"),
    ])
    func `only text that the runner would run as a command is escaped`(text: String, safe: String) {
        #expect(WorkflowCommand.neutralized(text) == safe)
    }

    /// The message of an error is untrusted text and must not end the code fence of the summary.
    @Test func `a summary uses code fences that its text cannot end`() throws {
        let space = try #require(SpaceID("me/a"))
        var report = DeployResult(
            space, failure: DeployError(.failed, "said ```` and <b>", details: ["| x |"], hint: "one\ntwo"))
        report.appURL = "http://a|b"
        let text = StepSummary(
            title: "spacesync push",
            results: [TargetResult(report, RunStatistics(endpoint: "http://hub"))], errors: []
        ).text
        #expect(
            text.contains("\n`````text\nsaid ```` and <b>\n| x |\nhint: one\n      two\n`````\n"), "\(text)")
        #expect(!text.contains("a|b"), "\(text)")
        #expect(StepSummary(title: "t", results: [], errors: []).text.isEmpty)
    }

    @Test func `the output of an interrupted target continues in a new group`() throws {
        let (first, second) = (try #require(SpaceID("me/a")), try #require(SpaceID("me/b")))
        let scratch = try TestDirectory()
        let file = try FileHandle(forWritingTo: try scratch.write("said", Data()))
        defer { try? file.close() }
        let environment = CommandEnvironment(
            variables: ["GITHUB_ACTIONS": "true"], directory: scratch.path,
            out: Terminal(descriptor: file.fileDescriptor), err: Terminal(descriptor: file.fileDescriptor),
            canAsk: false)
        let actions = try #require(GitHubActions(["push"], environment))
        let text = TextReporter(
            out: actions.environment.out, err: actions.environment.err, color: false, verbosity: .normal)
        let reporter = InterleavingReporter(actions.reporter(text, isQuiet: false), patience: .zero)
        let lines = CommandHints(try Arguments([], flags: []))
        reporter.send(.begin(RunDescription(spaces: [first, second])))
        reporter.send(.event(.detail("one"), first, lines))
        reporter.send(.event(.detail("two"), second, lines))
        let statistics = RunStatistics(endpoint: "")
        let failure = DeployResult(second, failure: DeployError(.failed, "broken"))
        reporter.send(.result(TargetResult(failure, statistics)))
        reporter.send(.event(.detail("three"), first, lines))
        reporter.send(.result(TargetResult(DeployResult(first, .deployed), statistics)))
        reporter.send(.end)
        let output = String(decoding: try scratch.read("said"), as: UTF8.self).split(separator: "\n")
            .map { $0.trimmingCharacters(in: .whitespaces) }.filter { !$0.contains("spacesync-") }
        #expect(
            output == [
                "::group::me/a", "=====> me/a", "one", "::endgroup::",
                "::group::me/b", "=====> me/b", "two", "error: broken", "::endgroup::",
                "::error title=me/b failed::broken",
                "::group::me/a (continued)", "=====> me/a", "three", "::endgroup::",
                "-----> me/a deployed (0.0 s; 0 requests, 0 B up, 0 B down)",
                "=====> 1 deployed; 1 failed, with exit code: me/b (7)",
            ], "\(output)")
    }
}
