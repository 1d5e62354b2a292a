import Deploy
import Testing

@testable import SpacesModel

struct ReportTests {
    private func report(_ kind: Failure.Kind?) throws -> Report {
        let space = try #require(SpaceID("me/demo"))
        return kind.map { Report(space, failure: Failure($0, "x")) } ?? Report(space, .deployed)
    }

    @Test func `several targets end with the gravest code`() throws {
        #expect(Report.exitCode(of: []) == 0)
        #expect(Report.exitCode(of: [try report(nil), try report(.failed), try report(.notAllowed)]) == 5)
        #expect(Report.exitCode(of: [try report(.tryLater), try report(.timedOut)]) == 8)
        #expect(Report.exitCode(of: [try report(.interrupted), try report(.internalFault)]) == 130)
    }

    @Test(arguments: Failure.Kind.allCases)
    func `a failure is never reported as a success`(kind: Failure.Kind) throws {
        let report = try report(kind)
        #expect(report.exitCode != 0)
        #expect(![.deployed, .pushed, .unchanged, .planned].contains(report.outcome))
    }
}
