import DeploySettings
import SpacesModel
import TextTools

/// Sends an app's probes one after the other, each until it succeeds.
///
/// An app that has just started responds late: 502, 503, 504 and no response at all are retried until
/// the time limit. Any other wrong response comes from the app itself. The app may still be
/// initialising, so wrong responses are retried for 30 seconds; after that, waiting would only hide
/// the error. A refused credential is not retried, as it cannot change by itself.
struct ProbeRunner<Time: Clock<Duration>>: Sendable {
    let prober: any HTTPProber
    let space: SpaceID
    let app: String
    let isPrivate: Bool
    let limit: Duration
    let clock: Time
    let emit: EventHandler

    /// How long a wrong response of the app itself is retried.
    static var gracePeriod: Duration { .seconds(30) }

    /// Runs the probes.
    /// - Throws: kind `failed` with the last response, `timedOut` if there was no response.
    func run(_ probes: [(Probe, body: [UInt8]?)]) async throws(DeployError) {
        let end = clock.now.advanced(by: limit)
        for (probe, body) in probes { try await waitUntilSatisfied(probe, body, until: end) }
    }

    private func waitUntilSatisfied(_ probe: Probe, _ body: [UInt8]?, until end: Time.Instant)
        async throws(DeployError)
    {
        let request = ProbeRequest(
            method: probe.method, app: app, path: probe.path, body: body,
            wantsRedirect: probe.status.map { (300..<400).contains($0) } ?? false)
        var (pause, lastReported, lastResponse): (Duration, ReportedProbe?, ProbeResponse?) = (
            .seconds(1), nil, nil
        )
        var (wrongSince, lastError): (Time.Instant?, DeployError?) = (nil, nil)
        while true {
            var isWarming = true
            do throws(DeployError) {
                let response = try await prober.send(request)
                let isSatisfied = probe.isSatisfied(by: response)
                reportIfChanged(probe, request, response.status, isSatisfied, &lastReported)
                if isSatisfied { return }
                (lastResponse, isWarming) = (response, [408, 429, 502, 503, 504].contains(response.status))
                if response.isRefusal { throw refusedError(probe, response) }
            } catch {
                guard error.kind == .tryLater else { throw error }
                reportIfChanged(probe, request, nil, false, &lastReported)
                lastError = error
            }
            let now = clock.now
            wrongSince = isWarming ? nil : wrongSince ?? now
            let isOver = wrongSince.map { $0.duration(to: now) >= Self.gracePeriod } ?? false
            guard now < end, !isOver else {
                throw finalError(probe, lastResponse, lastError, isWarming: isWarming)
            }
            guard (try? await clock.sleep(for: min(pause, now.duration(to: end)))) != nil else {
                throw DeployError(
                    .interrupted, "interrupted while probing \(space)",
                    hint: "to probe again: spacesync verify \(space)")
            }
            pause = min(pause * 1.5, .seconds(5))
        }
    }

    /// Reports a response if it differs from the last reported one.
    private func reportIfChanged(
        _ probe: Probe, _ request: ProbeRequest, _ status: Int?, _ isSatisfied: Bool,
        _ lastReported: inout ReportedProbe?
    ) {
        let now = ReportedProbe(status: status, isSatisfied: isSatisfied)
        guard now != lastReported else { return }
        lastReported = now
        emit(.probed(probe, url: request.url.redactedURL, status: status, ok: isSatisfied))
    }

    private func refusedError(_ probe: Probe, _ response: ProbeResponse) -> DeployError {
        if needsAccess(response) { return missingAccessError(probe, response) }
        return DeployError(
            .failed,
            "\(probe) of \(space) returned \(response.status): the app "
                + (prober.hasCredential ? "rejected the credential" : "requires a credential"),
            details: response.detailLines,
            hint: prober.hasCredential
                ? "check that probeHeader has the value that the app expects"
                : "set probeHeader = Authorization: Bearer env:AUTH_TOKEN for the target "
                    + "(git config --add 'space.\(space).probeHeader' 'Authorization: Bearer env:AUTH_TOKEN')"
        )
    }

    /// Whether the response means that the probe lacks a token: the Hub serves the app of a private
    /// Space only to requests with one, and a probe sends none by default.
    private func needsAccess(_ response: ProbeResponse) -> Bool {
        isPrivate && !prober.hasCredential && [401, 403, 404].contains(response.status)
    }

    private func missingAccessError(_ probe: Probe, _ response: ProbeResponse) -> DeployError {
        let header = "Authorization: Bearer env:HF_TOKEN"
        return DeployError(
            .failed,
            "\(probe) of \(space) returned \(response.status): the Space is private, and the probe was sent "
                + "without a token",
            details: ["the Hub token is never sent to an app unless your own settings allow it"]
                + response.detailLines,
            hint: "use a token that can only read this Space: "
                + "git config --add 'space.\(space).probeHeader' '\(header)'")
    }

    /// Returns the error after the last attempt. An app that is still starting at the time limit has
    /// timed out, not failed.
    private func finalError(
        _ probe: Probe, _ last: ProbeResponse?, _ lastError: DeployError?, isWarming: Bool
    ) -> DeployError {
        guard let last else {
            return DeployError(
                .timedOut, "\(probe) of \(space): no response within \(limit.text(.minutes))",
                details: [lastError?.message].compactMap { $0 },
                hint:
                    "to see the app's log: spacesync logs \(space)\nto probe again: spacesync verify \(space)"
            )
        }
        if isWarming {
            return DeployError(
                .timedOut,
                "\(probe) of \(space) still returned \(last.status) after \(limit.text(.minutes))",
                details: ["at \((app + probe.path).redactedURL)"] + last.detailLines,
                hint:
                    "to see the app's log: spacesync logs \(space)\nto probe again: spacesync verify \(space)"
            )
        }
        if needsAccess(last) { return missingAccessError(probe, last) }
        let why =
            last.status == probe.status || probe.status == nil && (200..<400).contains(last.status)
            ? "returned \(last.status) without the expected text"
            : "returned \(last.status), expected \(probe.expectation)"
        return DeployError(
            .failed, "\(probe) of \(space) \(why)",
            details: ["at \((app + probe.path).redactedURL)"] + last.detailLines,
            hint: "to see the app's log: spacesync logs \(space)\nto probe again: spacesync verify \(space)")
    }
}

private struct ReportedProbe: Equatable {
    var status: Int?
    var isSatisfied: Bool
}

extension ProbeResponse {
    fileprivate var isRefusal: Bool { status == 401 || status == 403 }

    fileprivate var detailLines: [String] {
        [location.map { "it redirects to \($0)" }, firstLine.isEmpty ? nil : firstLine].compactMap { $0 }
    }
}

/// A stopwatch for any clock.
struct Stopwatch: Sendable {
    let elapsed: @Sendable () -> Duration

    init(_ clock: some Clock<Duration>) {
        let start = clock.now
        elapsed = { start.duration(to: clock.now) }
    }
}
