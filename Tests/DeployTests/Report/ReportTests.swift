import Deploy
import Testing

@testable import SpacesModel

struct ReportTests {
    private func report(_ kind: DeployError.Kind?) throws -> DeployResult {
        let space = try #require(SpaceID("me/demo"))
        return kind.map { DeployResult(space, failure: DeployError($0, "x")) }
            ?? DeployResult(space, .deployed)
    }

    @Test func `several targets end with the gravest code`() throws {
        #expect(DeployResult.exitCode(of: []) == 0)
        #expect(
            DeployResult.exitCode(of: [try report(nil), try report(.failed), try report(.permissionDenied)])
                == 5)
        #expect(DeployResult.exitCode(of: [try report(.tryLater), try report(.timedOut)]) == 8)
        #expect(DeployResult.exitCode(of: [try report(.interrupted), try report(.internalError)]) == 130)
    }

    @Test(arguments: DeployError.Kind.allCases)
    func `a failure is never reported as a success`(kind: DeployError.Kind) throws {
        let report = try report(kind)
        #expect(report.exitCode != 0)
        #expect(![.deployed, .pushed, .unchanged, .planned].contains(report.outcome))
    }
}
