import Foundation
import TestSupport
import Testing

/// Checks that the run after a run killed at any moment succeeds, with no manual cleanup.
struct CrashTests {
    @Test(.timeLimit(.minutes(30)), arguments: [true, false], CrashScene.Moment.allCases)
    func `a push killed at any of its requests is completed by the next push`(
        isBehindURL: Bool, moment: CrashScene.Moment
    ) async throws {
        let crash = try await CrashScene(isBehindURL: isBehindURL)
        var calls = 0
        while calls < 100, try await crash.kill("c\(calls)", atRequest: calls, moment) {
            let run = try await crash.push("c\(calls)", from: crash.cache("c\(calls)"))
            try await crash.check("c\(calls)", run)
            calls += 1
        }
        #expect((12..<100).contains(calls), "a push with all of it takes that many")
    }
}
