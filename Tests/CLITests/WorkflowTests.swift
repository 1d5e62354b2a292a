import Deploy
import Foundation
import TestSupport
import Testing

@testable import CLI
@testable import Reporting
@testable import SpacesModel

/// What is written for GitHub's runner.
struct WorkflowTests {
    @Test func `a command holds any text on one line`() {
        let command = WorkflowCommand.annotation(
            .error, titled: "me/a: x,y", ["100 % of\r\nit", "::endgroup::"], file: "a,b.py", line: 3)
        #expect(
            command.description
                == "::error file=a%2Cb.py,line=3,title=me/a%3A x%2Cy::100 %25 of%0Ait%0A::endgroup::")
        #expect(WorkflowCommand.group("me/a").description == "::group::me/a")
        #expect(WorkflowCommand.endGroup.description == "::endgroup::")
        // A line without its file says nothing.
        #expect(
            WorkflowCommand.annotation(.warning, titled: "t", ["w"], line: 3).description
                == "::warning title=t::w")
    }

    @Test(arguments: [
        ("a\n  ::error::b\n", "a\n  \u{200B}::error::b\n"), ("x ##[error]y", "x #\u{200B}#[error]y"),
        ("a\r\n::b::\r::c::", "a\r\n\u{200B}::b::\r\u{200B}::c::"), ("###[x]", "##\u{200B}#[x]"),
        ("a ::error::b", "a ::error::b"), ("", ""), ("# [x]\n", "# [x]\n"),
    ])
    func `text that the runner would act on is broken up, and no other`(text: String, safe: String) {
        #expect(text.withoutWorkflowCommands == safe)
    }

    /// A failure's message is outside text, and the summary's fences must hold it.
    @Test func `a summary holds what it tells in fences of its own`() throws {
        let space = try #require(SpaceID("me/a"))
        var report = DeployResult(
            space, failure: DeployError(.failed, "said ```` and <b>", details: ["| x |"], hint: "one\ntwo"))
        report.appURL = "http://a|b"
        let text = StepSummary(
            title: "spacesync push",
            targetOutcomes: [TargetOutcome(report: report, cost: RunStatistics(endpoint: "http://hub"))],
            failures: []
        ).text
        #expect(
            text.contains("\n`````text\nsaid ```` and <b>\n| x |\nhint: one\n      two\n`````\n"), "\(text)")
        #expect(!text.contains("a|b"), "\(text)")
        #expect(StepSummary(title: "t", targetOutcomes: [], failures: []).text.isEmpty)
    }

    @Test func `a story that another interrupts goes on in a group of its own`() throws {
        let (first, second) = (try #require(SpaceID("me/a")), try #require(SpaceID("me/b")))
        let scratch = try TestDirectory()
        let file = try FileHandle(forWritingTo: try scratch.write("said", Data()))
        defer { try? file.close() }
        let world = CommandEnvironment(
            variables: ["GITHUB_ACTIONS": "true"], directory: scratch.path,
            out: Terminal(descriptor: file.fileDescriptor), err: Terminal(descriptor: file.fileDescriptor),
            canAsk: false)
        let actions = try #require(GitHubActions(["push"], world))
        let text = TextReporter(
            out: actions.environment.out, err: actions.environment.err, color: false, verbosity: .normal)
        let chorus = InterleavingReporter(actions.reporter(text, isQuiet: false), patience: .zero)
        let lines = CommandHints(try Arguments([], flags: []))
        chorus.beginRun(RunDescription(spaces: [first, second]))
        chorus.report(.detail("one"), of: first, lines)
        chorus.report(.detail("two"), of: second, lines)
        chorus.report(
            DeployResult(second, failure: DeployError(.failed, "broken")), RunStatistics(endpoint: ""))
        chorus.report(.detail("three"), of: first, lines)
        chorus.report(DeployResult(first, .deployed), RunStatistics(endpoint: ""))
        chorus.finish()
        let said = String(decoding: try scratch.read("said"), as: UTF8.self).split(separator: "\n")
            .map { $0.trimmingCharacters(in: .whitespaces) }.filter { !$0.contains("spacesync-") }
        #expect(
            said == [
                "::group::me/a", "=====> me/a", "one", "::endgroup::",
                "::group::me/b", "=====> me/b", "two", "error: broken", "::endgroup::",
                "::error title=me/b failed::broken",
                "::group::me/a goes on", "=====> me/a", "three", "::endgroup::",
                "-----> me/a deployed (0.0 s; 0 requests, 0 B up, 0 B down)",
                "=====> 1 deployed; 1 failed, with exit code: me/b (7)",
            ], "\(said)")
    }
}
