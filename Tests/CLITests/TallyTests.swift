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

    @Test func `names what failed, and with what exit code`() throws {
        var tally = RunSummary()
        for name in ["a", "b"] { tally.add(try report(name, nil)) }
        tally.add(try report("d", .permissionDenied))
        tally.add(try report("c", .refused))
        #expect(tally.line == "2 deployed; 2 failed, with exit code: me/c (6), me/d (5)")
    }

    @Test func `does not count as failed what a later pass does`() throws {
        var tally = RunSummary()
        var later = try report("b", .tryLater)
        later.failure?.cause = .deferred("the Hub takes few more")
        tally.add(try report("a", nil))
        tally.add(later)
        #expect(tally.line == nil)
        tally.add(try report("c", .refused))
        #expect(tally.line == "1 deferred; 1 deployed; 1 failed, with exit code: me/c (6)")
    }

    @Test func `is not said where all went well, and is no list of hundreds`() throws {
        var tally = RunSummary()
        tally.add(try report("a", nil))
        #expect(tally.line == nil)
        for number in 100..<130 { tally.add(try report("s\(number)", .tryLater)) }
        #expect(try #require(tally.line).hasSuffix("me/s109 (75) and 20 more"))
    }
}
