import Deploy
import Testing

@testable import SpacesModel

struct DeployResultTests {
    private func result(_ kind: DeployError.Kind?) throws -> DeployResult {
        let space = try #require(SpaceID("me/demo"))
        return kind.map { DeployResult(space, failure: DeployError($0, "x")) }
            ?? DeployResult(space, .deployed)
    }

    @Test func `several targets end with the most severe exit code`() throws {
        #expect(DeployResult.exitCode(of: []) == 0)
        #expect(
            DeployResult.exitCode(of: [try result(nil), try result(.failed), try result(.permissionDenied)])
                == 5)
        #expect(DeployResult.exitCode(of: [try result(.tryLater), try result(.timedOut)]) == 8)
        #expect(DeployResult.exitCode(of: [try result(.interrupted), try result(.internalError)]) == 130)
    }

    @Test(arguments: DeployError.Kind.allCases)
    func `a failure is never reported as a success`(kind: DeployError.Kind) throws {
        let result = try result(kind)
        #expect(result.exitCode != 0)
        #expect(![.deployed, .pushed, .unchanged, .planned].contains(result.outcome))
    }
}
