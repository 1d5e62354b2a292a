import Synchronization
import TestSupport
import Testing

@testable import Deploy
@testable import DeploySettings
@testable import SpacesModel

/// Tests for running probes on a virtual clock.
struct ProbeRunnerTests {
    /// A prober with scripted statuses; the last one is repeated. `nil` is a refused connection.
    private final class Scripted: HTTPProber {
        let script: [Int?]
        let hasCredential: Bool
        let requests = Mutex<[ProbeRequest]>([])

        init(_ script: [Int?], hasCredential: Bool = false) {
            (self.script, self.hasCredential) = (script, hasCredential)
        }

        func send(_ request: ProbeRequest) async throws(DeployError) -> ProbeResponse {
            let index = requests.withLock {
                $0.append(request)
                return $0.count - 1
            }
            guard let status = script[min(index, script.count - 1)] else {
                throw DeployError(.tryLater, "connection refused")
            }
            return ProbeResponse(status: status, body: Array("body".utf8), firstLine: "body")
        }
    }

    private struct Played {
        var failure: DeployError?
        var seconds: Int
        var reports: [String]
        var requestCount: Int
    }

    private func play(_ probe: String, _ prober: Scripted, limit: Int = 600) async throws -> Played {
        let (clock, recorder) = (VirtualClock(), Ears())
        let runner = ProbeRunner(
            prober: prober, space: try #require(SpaceID("me/app")), app: "https://me-app.hf.space",
            isPrivate: false,
            limit: .seconds(limit), clock: clock, emit: { recorder.hear($0) })
        let parsedProbe = try Probe(probe)
        let failure = try await clock.passing { () async -> DeployError? in
            do throws(DeployError) {
                try await runner.run([(parsedProbe, nil)])
                return nil
            } catch {
                return error
            }
        }
        let reports = recorder.events.compactMap { event in
            if case .probed(_, _, let status, let ok) = event { "\(status ?? 0) \(ok)" } else { nil }
        }
        return Played(
            failure: failure, seconds: Int(clock.now.offset.components.seconds), reports: reports,
            requestCount: prober.requests.withLock { $0.count })
    }

    @Test func `probes wait while the app warms up, and each change is reported once`() async throws {
        let played = try await play("/", Scripted([nil, nil, 503, 503, 502, 200]))
        #expect(played.failure == nil)
        #expect(played.reports == ["0 false", "503 false", "502 false", "200 true"])
    }

    @Test func `an unexpected status of the app itself fails the probes after half a minute`() async throws {
        let played = try await play("/", Scripted([503, 404]))
        #expect(played.failure?.kind == .failed)
        #expect(played.failure?.message.contains("returned 404, expected 2xx or 3xx") == true)
        #expect(played.failure?.details.contains("body") == true)
        #expect((30...40).contains(played.seconds), "\(played.seconds) s")
    }

    @Test func `a temporary unexpected status does not fail the probes`() async throws {
        #expect(try await play("/", Scripted([404, 404, 500, 200])).failure == nil)
    }

    @Test func `an app that never responds times out at the limit`() async throws {
        let played = try await play("/", Scripted([nil]), limit: 60)
        #expect(played.failure?.kind == .timedOut)
        #expect(played.failure?.details == ["connection refused"])
        #expect((60...62).contains(played.seconds))
        #expect(played.requestCount < 25, "\(played.requestCount) questions")
    }

    @Test func `an app that is still starting at the limit has timed out, not failed`() async throws {
        let played = try await play("/", Scripted([503]), limit: 60)
        #expect(played.failure?.kind == .timedOut)
        #expect(played.failure?.message.contains("still returned 503 after 1m") == true, "\(played)")
    }

    @Test func `a rejected credential fails the probes at once, with the missing setting in the hint`()
        async throws
    {
        let without = try await play("/", Scripted([401]))
        #expect((without.seconds, without.requestCount) == (0, 1))
        #expect(without.failure?.hint?.contains("probeHeader = Authorization: Bearer env:AUTH_TOKEN") == true)
        let with = try await play("/", Scripted([403], hasCredential: true))
        #expect(with.failure?.message.contains("rejected the credential") == true)
    }

    @Test func `an expected 401 is a success`() async throws {
        #expect(try await play("/ 401", Scripted([401])).failure == nil)
    }

    @Test func `at least one request is sent, however short the limit`() async throws {
        #expect(try await play("/", Scripted([200]), limit: 0).failure == nil)
    }

    @Test func `a missing text is reported`() async throws {
        let played = try await play("/ contains=hello", Scripted([200]))
        #expect(played.failure?.message.contains("without the expected text") == true)
    }
}
