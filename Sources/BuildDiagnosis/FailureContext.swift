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

    /// The most likely cause. The candidate with the highest confidence wins; among equals the last
    /// one in the log, because the last message is closest to the failure. Candidates of confidence
    /// `.likely` or lower count only at or after the failure, not in earlier warnings.
    var explanation: CauseCandidate? {
        let lines = searchedLines
        let start = isBuild ? lines.startIndex : RuntimeErrors.lastTraceback(in: lines)
        let isListening = isStartTimeout && ListenAddressDetector(run).hasPort
        var best: (CauseCandidate, Int)?
        for index in lines.indices {
            for pattern in FailurePattern.all where pattern.markers.contains(where: { lines[index].has($0) })
            {
                guard
                    let candidate = pattern.find(
                        LogMatch(self, lines, index, failureStart: start, isListening: isListening)),
                    index >= start || lines[index].isFromHub || candidate.confidence > .likely
                else { continue }
                if let (bestCandidate, bestIndex) = best,
                    bestCandidate.confidence > candidate.confidence
                        || (bestCandidate.confidence == candidate.confidence && bestIndex == index)
                {
                    continue
                }
                best = (candidate, index)
            }
        }
        return best?.0 ?? noResponseExplanation
    }

    /// The cause if an app does not respond and its log has no fatal error.
    private var noResponseExplanation: CauseCandidate? {
        isStartTimeout ? ListenAddressDetector(run).explanation(self) : nil
    }

    var isStartTimeout: Bool {
        guard kind != .timedOut else { return true }
        let text = (errorMessage ?? "").lowercased()
        return kind == .runtimeError && (text.contains("not healthy") || text.contains("launch timed out"))
    }

    var isBuild: Bool { kind == .buildError }

    /// The lines of the Hub's error message, then the log lines of this failure.
    private var searchedLines: [NormalizedLine] {
        let message = (errorMessage ?? "").split(whereSeparator: \.isNewline).map(String.init)
            .filter { !$0.contains("cache miss: [") && !$0.hasPrefix("{\"total\"") }
        let log = isBuild ? BuildSteps(build).failedOutput : RuntimeErrors.sinceStart(run)
        return message.map { NormalizedLine($0, isFromHub: true) }
            + log.suffix(600).map { NormalizedLine($0) }
    }
}

/// A possible cause of a failure, found by one pattern.
struct CauseCandidate: Hashable, Sendable {
    enum Confidence: Int, Comparable, Sendable {
        /// Used only if nothing else matches: an exit code, a word that many programs print.
        case weak
        case likely
        case certain
        /// Stated by the Hub itself.
        case hub
        static func < (one: Confidence, other: Confidence) -> Bool { one.rawValue < other.rawValue }
    }

    var cause: DiagnosedCause
    /// One clause: what is wrong, with the name of what is affected.
    var why: String
    /// How to fix it, with commands as they are typed.
    var fix: String
    var confidence = Confidence.certain
}
