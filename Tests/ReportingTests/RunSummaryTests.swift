import Testing

@testable import Deploy
@testable import Reporting
@testable import SpacesModel

@Suite struct `The last line of several stories` {
    private func report(_ name: String, _ kind: DeployError.Kind?) throws -> DeployResult {
        var report = DeployResult(try #require(SpaceID("me/\(name)")), kind == nil ? .deployed : .failed)
        report.failure = kind.map { DeployError($0, "no") }
        return report
    }

    @Test func `the summary names failed targets with their exit codes`() throws {
        var summary = RunSummary()
        for name in ["a", "b"] { summary.add(try report(name, nil)) }
        summary.add(try report("d", .permissionDenied))
        summary.add(try report("c", .refused))
        #expect(summary.line == "2 deployed; 2 failed, with exit code: me/c (6), me/d (5)")
    }

    @Test func `a target deferred to a later pass does not count as failed`() throws {
        var summary = RunSummary()
        var later = try report("b", .tryLater)
        later.failure?.cause = .deferred("the Hub takes few more")
        summary.add(try report("a", nil))
        summary.add(later)
        #expect(summary.line == nil)
        summary.add(try report("c", .refused))
        #expect(summary.line == "1 deferred; 1 deployed; 1 failed, with exit code: me/c (6)")
    }

    @Test func `there is no summary if all targets succeeded, and a long list is shortened`() throws {
        var summary = RunSummary()
        summary.add(try report("a", nil))
        #expect(summary.line == nil)
        for number in 100..<130 { summary.add(try report("s\(number)", .tryLater)) }
        #expect(try #require(summary.line).hasSuffix("me/s109 (75) and 20 more"))
    }
}
