import SpacesModel

/// What there is to judge a failure by.
package struct FailureContext: Sendable {
    package var kind: StageOutcome
    package var space: SpaceID
    /// The Hub's own words; often cut, at their beginning or their end.
    package var errorMessage: String?
    package var build: [String]
    package var run: [String]
    /// `docker`, `gradio`, `streamlit`, `static`; nil when nobody knows.
    package var sdk: String?
    /// The port that the Hub asks; nil when the card does not say.
    package var appPort: Int?

    package init(
        _ kind: StageOutcome, of space: SpaceID, errorMessage: String? = nil, build: [String] = [],
        run: [String] = [], sdk: String? = nil, appPort: Int? = nil
    ) {
        (self.kind, self.space, self.errorMessage) = (kind, space, errorMessage)
        (self.build, self.run, self.sdk, self.appPort) = (build, run, sdk, appPort)
    }

    /// The clue that explains the failure. A certain one before a likely one before a weak one; among equals the last
    /// in the log: what was said last is what ended it. What is but likely counts only where the app fell, not for what it
    /// grumbled about before.
    var explanation: CauseCandidate? {
        let lines = searchedLines
        let fall = isBuild ? lines.startIndex : RuntimeErrors.lastTraceback(in: lines)
        let isListening = isStartTimeout && ListenAddressDetector(run).hasPort
        var best: (CauseCandidate, Int)?
        for index in lines.indices {
            for clue in FailurePattern.all where clue.markers.contains(where: { lines[index].has($0) }) {
                guard
                    let found = clue.find(
                        LogMatch(self, lines, index, failureStart: fall, isListening: isListening)),
                    index >= fall || lines[index].isFromHub || found.confidence > .likely
                else { continue }
                if let (known, at) = best,
                    known.confidence > found.confidence
                        || (known.confidence == found.confidence && at == index)
                {
                    continue
                }
                best = (found, index)
            }
        }
        return best?.0 ?? noResponseExplanation
    }

    /// An app that is not answered, and says nothing that would end it.
    private var noResponseExplanation: CauseCandidate? {
        isStartTimeout ? ListenAddressDetector(run).explanation(self) : nil
    }

    var isStartTimeout: Bool {
        guard kind != .timedOut else { return true }
        let text = (errorMessage ?? "").lowercased()
        return kind == .runtimeError && (text.contains("not healthy") || text.contains("launch timed out"))
    }

    var isBuild: Bool { kind == .buildError }

    /// The Hub's words, then the log that tells of this failure.
    private var searchedLines: [NormalizedLine] {
        let words = (errorMessage ?? "").split(whereSeparator: \.isNewline).map(String.init)
            .filter { !$0.contains("cache miss: [") && !$0.hasPrefix("{\"total\"") }
        let log = isBuild ? BuildSteps(build).failedOutput : RuntimeErrors.sinceStart(run)
        return words.map { NormalizedLine($0, isFromHub: true) } + log.suffix(600).map { NormalizedLine($0) }
    }
}

/// What one clue tells.
struct CauseCandidate: Hashable, Sendable {
    enum Confidence: Int, Comparable, Sendable {
        /// Explains only where nothing else does: an exit code, a word that many programs say.
        case weak
        case likely
        case certain
        /// The Hub itself says so.
        case hub
        static func < (one: Confidence, other: Confidence) -> Bool { one.rawValue < other.rawValue }
    }

    var cause: DiagnosedCause
    /// One clause: what is wrong, with its name.
    var why: String
    /// What to do, as it is typed.
    var fix: String
    var confidence = Confidence.certain
}
