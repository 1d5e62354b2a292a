import SpacesModel

/// The logs and settings that a failure is diagnosed from.
package struct FailureContext: Sendable {
    package var kind: StageOutcome
    package var space: SpaceID
    /// The error message of the Hub; often truncated at its beginning or its end.
    package var errorMessage: String?
    package var build: [String]
    package var run: [String]
    /// `docker`, `gradio`, `streamlit` or `static`; `nil` if unknown.
    package var sdk: String?
    /// The port that the Hub checks; `nil` if the card does not set one.
    package var appPort: Int?

    package init(
        _ kind: StageOutcome, of space: SpaceID, errorMessage: String? = nil, build: [String] = [],
        run: [String] = [], sdk: String? = nil, appPort: Int? = nil
    ) {
        (self.kind, self.space, self.errorMessage) = (kind, space, errorMessage)
        (self.build, self.run, self.sdk, self.appPort) = (build, run, sdk, appPort)
    }

    var isBuild: Bool { kind == .buildError }

    var isStartTimeout: Bool {
        guard kind != .timedOut else { return true }
        let text = (errorMessage ?? "").lowercased()
        return kind == .runtimeError && (text.contains("not healthy") || text.contains("launch timed out"))
    }

    /// The most likely cause. The pattern with the highest confidence wins; among equals the last
    /// line of the log, because the last message is closest to the failure. Patterns of confidence
    /// `.likely` or lower count only at or after the failure, not in earlier warnings.
    var explanation: Explanation? {
        var best: (pattern: FailurePattern, match: LogMatch)?
        for line in candidates.reversed() {
            for pattern in FailurePattern.all {
                guard best.map({ pattern.confidence > $0.pattern.confidence }) ?? true,
                    line.isAtFailure || line.line.isFromHub || pattern.confidence > .likely,
                    let match = pattern.match(line)
                else { continue }
                best = (pattern, match)
            }
        }
        guard let best else { return isStartTimeout ? ListenAddressDetector(run).explanation(self) : nil }
        return Explanation(
            cause: best.pattern.cause, why: TextTemplate.render(best.pattern.why, best.match.values),
            fix: TextTemplate.render(best.pattern.fix, best.match.values))
    }

    /// The lines of the Hub's error message, then the last log lines of this failure.
    var candidates: some BidirectionalCollection<LogMatch> {
        let message = (errorMessage ?? "").split(whereSeparator: \.isNewline).map(String.init)
            .filter { !$0.contains("cache miss: [") && !$0.hasPrefix("{\"total\"") }
        let log = isBuild ? BuildSteps(build).failedOutput : RuntimeErrors.sinceStart(run)
        let lines =
            message.map { NormalizedLine($0, isFromHub: true) } + log.suffix(600).map { NormalizedLine($0) }
        let start = isBuild ? lines.startIndex : RuntimeErrors.lastTraceback(in: lines)
        return lines.indices.lazy.map { LogMatch(self, lines, $0, isAtFailure: $0 >= start) }
    }
}
