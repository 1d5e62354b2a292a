import DeploySettings
import SpacesModel
import TextTools

/// Asks an app until all of its probes hold, one after the other.
///
/// An app that has just begun answers late: 502, 503, 504 and no answer at all are waited out to the end of the time.
/// Another wrong answer comes from the app itself. It may still be finding its feet, so it gets half a minute; then
/// waiting would only hide the fault. A refused credential does not mend itself, and ends the probes at once.
struct ProbeRunner<Time: Clock<Duration>>: Sendable {
    let prober: any HTTPProber
    let space: SpaceID
    let app: String
    let isPrivate: Bool
    let limit: Duration
    let clock: Time
    let emit: EventHandler

    /// How long a wrong answer of the app itself is waited out.
    static var gracePeriod: Duration { .seconds(30) }

    /// - Throws: kind `failed` with the last answer, `timedOut` when none ever came.
    func run(_ probes: [(Probe, body: [UInt8]?)]) async throws(DeployError) {
        let end = clock.now.advanced(by: limit)
        for (probe, body) in probes { try await waitUntilSatisfied(probe, body, until: end) }
    }

    private func waitUntilSatisfied(_ probe: Probe, _ body: [UInt8]?, until end: Time.Instant)
        async throws(DeployError)
    {
        let question = ProbeRequest(
            method: probe.method, app: app, path: probe.path, body: body,
            wantsRedirect: probe.status.map { (300..<400).contains($0) } ?? false)
        var (pause, told, last): (Duration, ReportedProbe?, ProbeResponse?) = (.seconds(1), nil, nil)
        var (wrongSince, fault): (Time.Instant?, DeployError?) = (nil, nil)
        while true {
            var isWarming = true
            do throws(DeployError) {
                let answer = try await prober.send(question)
                let isHeld = probe.isSatisfied(by: answer)
                reportIfChanged(probe, question, answer.status, isHeld, &told)
                if isHeld { return }
                (last, isWarming) = (answer, [408, 429, 502, 503, 504].contains(answer.status))
                if answer.isRefusal { throw refusedError(probe, answer) }
            } catch {
                guard error.kind == .tryLater else { throw error }
                reportIfChanged(probe, question, nil, false, &told)
                fault = error
            }
            let now = clock.now
            wrongSince = isWarming ? nil : wrongSince ?? now
            let isOver = wrongSince.map { $0.duration(to: now) >= Self.gracePeriod } ?? false
            guard now < end, !isOver else { throw finalError(probe, last, fault, isWarming: isWarming) }
            guard (try? await clock.sleep(for: min(pause, now.duration(to: end)))) != nil else {
                throw DeployError(
                    .interrupted, "interrupted while probing \(space)",
                    hint: "spacesync verify \(space) probes again")
            }
            pause = min(pause * 1.5, .seconds(5))
        }
    }

    /// Says an answer once, until it is another.
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
            "\(probe) of \(space) answered \(response.status): the app wants a credential"
                + (prober.hasCredential ? ", and not the one it got" : ""),
            details: response.detailLines,
            hint: prober.hasCredential
                ? "see that probeHeader names the value that the app knows"
                : "probeHeader = Authorization: Bearer env:AUTH_TOKEN of the target gives it one "
                    + "(git config --add 'space.\(space).probeHeader' 'Authorization: Bearer env:AUTH_TOKEN')"
        )
    }

    /// The Hub shows the app of a private Space only to requests with a token, which a probe does not carry by itself.
    private func needsAccess(_ response: ProbeResponse) -> Bool {
        isPrivate && !prober.hasCredential && [401, 403, 404].contains(response.status)
    }

    private func missingAccessError(_ probe: Probe, _ response: ProbeResponse) -> DeployError {
        let header = "Authorization: Bearer env:HF_TOKEN"
        return DeployError(
            .failed,
            "\(probe) of \(space) answered \(response.status): the Space is private, and the probe was sent "
                + "without a token",
            details: ["the Hub token is never sent to an app unless your own settings say so"]
                + response.detailLines,
            hint: "use a token that can only read this Space: "
                + "git config --add 'space.\(space).probeHeader' '\(header)'")
    }

    /// Who is still starting at the limit has not failed: it may come yet.
    private func finalError(
        _ probe: Probe, _ last: ProbeResponse?, _ lastError: DeployError?, isWarming: Bool
    ) -> DeployError {
        guard let last else {
            return DeployError(
                .timedOut, "\(probe) of \(space) was not answered within \(limit.shortDescription)",
                details: [lastError?.message].compactMap { $0 },
                hint: "spacesync logs \(space) has what the app says; spacesync verify \(space) asks again")
        }
        if isWarming {
            return DeployError(
                .timedOut,
                "\(probe) of \(space) was still answered \(last.status) after \(limit.shortDescription)",
                details: ["at \((app + probe.path).redactedURL)"] + last.detailLines,
                hint: "spacesync logs \(space) has what the app says; spacesync verify \(space) asks again")
        }
        if needsAccess(last) { return missingAccessError(probe, last) }
        let why =
            last.status == probe.status || probe.status == nil && (200..<400).contains(last.status)
            ? "answered \(last.status) without the text that was wanted"
            : "answered \(last.status), not \(probe.expectation)"
        return DeployError(
            .failed, "\(probe) of \(space) \(why)",
            details: ["at \((app + probe.path).redactedURL)"] + last.detailLines,
            hint: "spacesync logs \(space) has what the app says; spacesync verify \(space) asks again")
    }
}

private struct ReportedProbe: Equatable {
    var status: Int?
    var isSatisfied: Bool
}

extension ProbeResponse {
    fileprivate var isRefusal: Bool { status == 401 || status == 403 }

    fileprivate var detailLines: [String] {
        [location.map { "it points to \($0)" }, firstLine.isEmpty ? nil : firstLine].compactMap { $0 }
    }
}

/// How long something lasts, on any clock.
struct Stopwatch: Sendable {
    let elapsed: @Sendable () -> Duration

    init(_ clock: some Clock<Duration>) {
        let start = clock.now
        elapsed = { start.duration(to: clock.now) }
    }
}
