import Deploy
import Testing
import TextTools

@testable import CLI
@testable import Reporting
@testable import SpacesModel

/// Tests for the result of a commit that is held back, between the processes of a pass and in outputs.
struct HeldBackReportTests {
    private func report() throws -> DeployResult {
        var report = DeployResult(try #require(SpaceID("me/demo")), .heldBack)
        (report.isHeldBack, report.reason, report.hint) = (
            true, "it was rolled back", "to deploy it again: x"
        )
        return report
    }

    @Test func `a held-back result reaches the process of the pass unchanged`() throws {
        let sent = try report()
        let received = PassMessage.ReportValue(sent).report(on: sent.space)
        #expect(received == sent && received.exitCode == 0)
    }

    @Test func `a held-back result is a success with its own outcome`() throws {
        let report = try report()
        #expect(report.outcome.rawValue == "held_back" && report.exitCode == 0 && MirrorState.isNoOp(report))
        let fields = TargetResult(report, RunStatistics(endpoint: "http://x")).fields()
        let text = JSON.object(fields).text
        #expect(text.contains(#""outcome":"held_back""#) && text.contains(#""message":"it was rolled back""#))
        let record = PassReport([report], [:], start: .now, [:])
        #expect(!record.isNotable && record.exitCode == 0)
        #expect(record.metrics.contains(#"spacesync_outcome_ok{space="me/demo"} 1"#))
        #expect(record.metrics.contains(#"spacesync_outcome{space="me/demo",outcome="held_back"} 1"#))
        #expect(record.metrics.contains(#"spacesync_rolled_back{space="me/demo"} 1"#))
        let summary = StepSummary(
            title: "t", results: [TargetResult(report, RunStatistics(endpoint: "http://x"))], errors: [])
        #expect(summary.text.contains("held back"))
        var runSummary = RunSummary()
        runSummary.add(report)
        #expect(runSummary.line == nil)
    }
}
