import DeploySettings
import SpacesModel
import TextTools

/// Asks an app until all of its probes hold, one after the other.
///
/// An app that has just begun answers late: 502, 503, 504 and no answer at all are waited out to the end of the time.
/// Another wrong answer comes from the app itself. It may still be finding its feet, so it gets half a minute; then
/// waiting would only hide the fault. A refused credential does not mend itself, and ends the probes at once.
struct Probing<Time: Clock<Duration>>: Sendable {
    let prober: any AppProbing
    let space: SpaceID
    let app: String
    let isPrivate: Bool
    let limit: Duration
    let clock: Time
    let say: Say

    /// How long a wrong answer of the app itself is waited out.
    static var grace: Duration { .seconds(30) }

    /// - Throws: kind `failed` with the last answer, `timedOut` when none ever came.
    func run(_ probes: [(Probe, body: [UInt8]?)]) async throws(Failure) {
        let end = clock.now.advanced(by: limit)
        for (probe, body) in probes { try await hold(probe, body, until: end) }
    }

    private func hold(_ probe: Probe, _ body: [UInt8]?, until end: Time.Instant) async throws(Failure) {
        let question = ProbeQuestion(
            method: probe.method, app: app, path: probe.path, body: body,
            wantsRedirect: probe.status.map { (300..<400).contains($0) } ?? false)
        var (pause, told, last): (Duration, ProbeTold?, ProbeAnswer?) = (.seconds(1), nil, nil)
        var (wrongSince, fault): (Time.Instant?, Failure?) = (nil, nil)
        while true {
            var isWarming = true
            do throws(Failure) {
                let answer = try await prober.ask(question)
                let isHeld = probe.isHeld(by: answer)
                tell(probe, question, answer.status, isHeld, &told)
                if isHeld { return }
                (last, isWarming) = (answer, [408, 429, 502, 503, 504].contains(answer.status))
                if answer.isRefusal { throw refused(probe, answer) }
            } catch {
                guard error.kind == .tryLater else { throw error }
                tell(probe, question, nil, false, &told)
                fault = error
            }
            let now = clock.now
            wrongSince = isWarming ? nil : wrongSince ?? now
            let isOver = wrongSince.map { $0.duration(to: now) >= Self.grace } ?? false
            guard now < end, !isOver else { throw ended(probe, last, fault, isWarming: isWarming) }
            guard (try? await clock.sleep(for: min(pause, now.duration(to: end)))) != nil else {
                throw Failure(
                    .interrupted, "interrupted while probing \(space)",
                    hint: "spacesync verify \(space) probes again")
            }
            pause = min(pause * 1.5, .seconds(5))
        }
    }

    /// Says an answer once, until it is another.
    private func tell(
        _ probe: Probe, _ question: ProbeQuestion, _ status: Int?, _ isHeld: Bool, _ told: inout ProbeTold?
    ) {
        let now = ProbeTold(status: status, isHeld: isHeld)
        guard now != told else { return }
        told = now
        say(.probed(probe, url: question.url.redactedURL, status: status, ok: isHeld))
    }

    private func refused(_ probe: Probe, _ answer: ProbeAnswer) -> Failure {
        if needsAccess(answer) { return withoutAccess(probe, answer) }
        return Failure(
            .failed,
            "\(probe) of \(space) answered \(answer.status): the app wants a credential"
                + (prober.hasCredential ? ", and not the one it got" : ""),
            details: answer.shown,
            hint: prober.hasCredential
                ? "see that probeHeader names the value that the app knows"
                : "probeHeader = Authorization: Bearer env:AUTH_TOKEN of the target gives it one "
                    + "(git config --add 'space.\(space).probeHeader' 'Authorization: Bearer env:AUTH_TOKEN')"
        )
    }

    /// The Hub shows the app of a private Space only to requests with a token, which a probe does not carry by itself.
    private func needsAccess(_ answer: ProbeAnswer) -> Bool {
        isPrivate && !prober.hasCredential && [401, 403, 404].contains(answer.status)
    }

    private func withoutAccess(_ probe: Probe, _ answer: ProbeAnswer) -> Failure {
        let header = "Authorization: Bearer env:HF_TOKEN"
        return Failure(
            .failed,
            "\(probe) of \(space) answered \(answer.status): the Space is private, and the probe was sent "
                + "without a token",
            details: ["the Hub token is never sent to an app unless your own settings say so"] + answer.shown,
            hint: "use a token that can only read this Space: "
                + "git config --add 'space.\(space).probeHeader' '\(header)'")
    }

    /// Who is still starting at the limit has not failed: it may come yet.
    private func ended(_ probe: Probe, _ last: ProbeAnswer?, _ fault: Failure?, isWarming: Bool) -> Failure {
        guard let last else {
            return Failure(
                .timedOut, "\(probe) of \(space) was not answered within \(limit.words)",
                details: [fault?.message].compactMap { $0 },
                hint: "spacesync logs \(space) has what the app says; spacesync verify \(space) asks again")
        }
        if isWarming {
            return Failure(
                .timedOut, "\(probe) of \(space) was still answered \(last.status) after \(limit.words)",
                details: ["at \((app + probe.path).redactedURL)"] + last.shown,
                hint: "spacesync logs \(space) has what the app says; spacesync verify \(space) asks again")
        }
        if needsAccess(last) { return withoutAccess(probe, last) }
        let why =
            last.status == probe.status || probe.status == nil && (200..<400).contains(last.status)
            ? "answered \(last.status) without the text that was wanted"
            : "answered \(last.status), not \(probe.wanted)"
        return Failure(
            .failed, "\(probe) of \(space) \(why)",
            details: ["at \((app + probe.path).redactedURL)"] + last.shown,
            hint: "spacesync logs \(space) has what the app says; spacesync verify \(space) asks again")
    }
}

private struct ProbeTold: Equatable {
    var status: Int?
    var isHeld: Bool
}

extension ProbeAnswer {
    fileprivate var isRefusal: Bool { status == 401 || status == 403 }

    fileprivate var shown: [String] {
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
