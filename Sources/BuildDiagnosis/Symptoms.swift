import SpacesModel

/// What there is to judge a failure by.
package struct Symptoms: Sendable {
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
    var explanation: Explanation? {
        let lines = searched
        let fall = isBuild ? lines.startIndex : RunErrors.lastTraceback(in: lines)
        let isListening = isStartTimeout && Listening(run).isTold
        var best: (Explanation, Int)?
        for index in lines.indices {
            for clue in Clue.all where clue.marks.contains(where: { lines[index].has($0) }) {
                guard
                    let found = clue.find(Sighted(self, lines, index, fall: fall, isListening: isListening)),
                    index >= fall || lines[index].isHub || found.weight > .likely
                else { continue }
                if let (known, at) = best,
                    known.weight > found.weight || (known.weight == found.weight && at == index)
                {
                    continue
                }
                best = (found, index)
            }
        }
        return best?.0 ?? silence
    }

    /// An app that is not answered, and says nothing that would end it.
    private var silence: Explanation? { isStartTimeout ? Listening(run).explanation(self) : nil }

    var isStartTimeout: Bool {
        guard kind != .timedOut else { return true }
        let text = (errorMessage ?? "").lowercased()
        return kind == .runtimeError && (text.contains("not healthy") || text.contains("launch timed out"))
    }

    var isBuild: Bool { kind == .buildError }

    /// The Hub's words, then the log that tells of this failure.
    private var searched: [SearchedLine] {
        let words = (errorMessage ?? "").split(whereSeparator: \.isNewline).map(String.init)
            .filter { !$0.contains("cache miss: [") && !$0.hasPrefix("{\"total\"") }
        let log = isBuild ? BuildSteps(build).telling : RunErrors.sinceStart(run)
        return words.map { SearchedLine($0, isHub: true) } + log.suffix(600).map { SearchedLine($0) }
    }
}

/// What one clue tells.
struct Explanation: Hashable, Sendable {
    enum Weight: Int, Comparable, Sendable {
        /// Explains only where nothing else does: an exit code, a word that many programs say.
        case weak
        case likely
        case sure
        /// The Hub itself says so.
        case hub
        static func < (one: Weight, other: Weight) -> Bool { one.rawValue < other.rawValue }
    }

    var cause: Cause
    /// One clause: what is wrong, with its name.
    var why: String
    /// What to do, as it is typed.
    var mend: String
    var weight = Weight.sure
}
