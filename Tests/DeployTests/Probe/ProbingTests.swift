import Synchronization
import TestSupport
import Testing

@testable import Deploy
@testable import DeploySettings
@testable import SpacesModel

/// Probes on a clock of their own.
struct ProbingTests {
    /// Gives its answers one after the other; the last stays.
    private final class Scripted: HTTPProber {
        let script: [Int?]
        let hasCredential: Bool
        let asked = Mutex<[ProbeRequest]>([])

        init(_ script: [Int?], hasCredential: Bool = false) {
            (self.script, self.hasCredential) = (script, hasCredential)
        }

        func send(_ question: ProbeRequest) async throws(DeployError) -> ProbeResponse {
            let turn = asked.withLock {
                $0.append(question)
                return $0.count - 1
            }
            guard let status = script[min(turn, script.count - 1)] else {
                throw DeployError(.tryLater, "connection refused")
            }
            return ProbeResponse(status: status, body: Array("body".utf8), firstLine: "body")
        }
    }

    private struct Played {
        var failure: DeployError?
        var seconds: Int
        var told: [String]
        var asked: Int
    }

    private func play(_ probe: String, _ prober: Scripted, limit: Int = 600) async throws -> Played {
        let (clock, ears) = (VirtualClock(), Ears())
        let probing = ProbeRunner(
            prober: prober, space: try #require(SpaceID("me/app")), app: "https://me-app.hf.space",
            isPrivate: false,
            limit: .seconds(limit), clock: clock, emit: { ears.hear($0) })
        let asked = try Probe(probe)
        let failure = try await clock.passing { () async -> DeployError? in
            do throws(DeployError) {
                try await probing.run([(asked, nil)])
                return nil
            } catch {
                return error
            }
        }
        let told = ears.events.compactMap { event in
            if case .probed(_, _, let status, let ok) = event { "\(status ?? 0) \(ok)" } else { nil }
        }
        return Played(
            failure: failure, seconds: Int(clock.now.offset.components.seconds), told: told,
            asked: prober.asked.withLock { $0.count })
    }

    @Test func `an app that warms up is waited for, and each change is said once`() async throws {
        let played = try await play("/", Scripted([nil, nil, 503, 503, 502, 200]))
        #expect(played.failure == nil)
        #expect(played.told == ["0 false", "503 false", "502 false", "200 true"])
    }

    @Test func `a wrong answer of the app itself ends the probes in half a minute`() async throws {
        let played = try await play("/", Scripted([503, 404]))
        #expect(played.failure?.kind == .failed)
        #expect(played.failure?.message.contains("answered 404, not 2xx or 3xx") == true)
        #expect(played.failure?.details.contains("body") == true)
        #expect((30...40).contains(played.seconds), "\(played.seconds) s")
    }

    @Test func `a wrong answer that mends itself in time is none`() async throws {
        #expect(try await play("/", Scripted([404, 404, 500, 200])).failure == nil)
    }

    @Test func `an app that never answers is given up on at the limit`() async throws {
        let played = try await play("/", Scripted([nil]), limit: 60)
        #expect(played.failure?.kind == .timedOut)
        #expect(played.failure?.details == ["connection refused"])
        #expect((60...62).contains(played.seconds))
        #expect(played.asked < 25, "\(played.asked) questions")
    }

    @Test func `an app that is starting to the end is given up on, and has not failed`() async throws {
        let played = try await play("/", Scripted([503]), limit: 60)
        #expect(played.failure?.kind == .timedOut)
        #expect(played.failure?.message.contains("still answered 503 after 1m") == true, "\(played)")
    }

    @Test func `a refused credential ends the probes at once, and says which line is missing`() async throws {
        let without = try await play("/", Scripted([401]))
        #expect((without.seconds, without.asked) == (0, 1))
        #expect(without.failure?.hint?.contains("probeHeader = Authorization: Bearer env:AUTH_TOKEN") == true)
        let with = try await play("/", Scripted([403], hasCredential: true))
        #expect(with.failure?.message.contains("not the one it got") == true)
    }

    @Test func `a 401 that is asked for holds`() async throws {
        #expect(try await play("/ 401", Scripted([401])).failure == nil)
    }

    @Test func `however little time is left, it is asked once`() async throws {
        #expect(try await play("/", Scripted([200]), limit: 0).failure == nil)
    }

    @Test func `a missing text is told as such`() async throws {
        let played = try await play("/ contains=hello", Scripted([200]))
        #expect(played.failure?.message.contains("without the text") == true)
    }
}
