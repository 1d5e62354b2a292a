/// What the build log has said of our commit. The stored log of the build before is replayed first: its lines are not
/// ours, and are neither told nor kept.
actor BuildLog {
    private let commit: ObjectID
    private let say: Say
    private var isOurs: Bool?
    private var hasBegun = false
    private var early: [LogLine] = []
    private(set) var lines: [String] = []
    /// The log has named our commit.
    private(set) var namesUs = false
    /// A commit that the log named after ours.
    private(set) var successor: String?
    /// Grows with each line that announces a change of stage.
    private(set) var signals = 0
    /// Grows with each line, whoever's it is.
    private(set) var received = 0

    private static let kept = 2_000

    init(commit: ObjectID, say: @escaping Say) { (self.commit, self.say) = (commit, say) }

    func take(_ line: LogLine) {
        received += 1
        if let named = BuildHeader.commit(in: line.text) { begin(named) }
        if Self.isSignal(line.text) { signals += 1 }
        switch isOurs {
        case true?: tell(line)
        case false?: break
        case nil: early = (early + [line]).suffix(Self.kept)
        }
    }

    /// The Hub works on our commit now. A log without a header is then taken as ours.
    func workBegan() {
        hasBegun = true
        guard isOurs == nil, !early.isEmpty else { return }
        isOurs = true
        for line in early { tell(line) }
        early = []
    }

    /// What comes is ours, and told: to ask anew would tell it twice.
    var isTold: Bool { isOurs == true }

    /// The Hub works on our commit, while the log in hand is another's: it is worth asking anew.
    var isOutdated: Bool { hasBegun && isOurs == false }

    /// A stream begins, with its stored lines.
    func streamBegins() { (isOurs, early, hasBegun) = (nil, [], false) }

    private func begin(_ named: String) {
        early = []
        isOurs = commit.description.hasPrefix(named)
        if isOurs == true {
            (namesUs, lines) = (true, [])
        } else if namesUs {
            successor = named
        }
    }

    private func tell(_ line: LogLine) {
        lines = (lines + [line.text]).suffix(Self.kept)
        say(.log(.build, line))
    }

    private static func isSignal(_ text: String) -> Bool {
        ["=====", "--> Pushing image", "--> Exporting cache", "ERROR:"].contains { text.hasPrefix($0) }
    }
}

/// `===== Build Queued at 2026-09-29 10:00:00 / Commit SHA: 1a2b3c4 =====`
enum BuildHeader {
    /// The short commit id that the line names, lower case.
    static func commit(in line: String) -> String? {
        guard line.hasPrefix("====="), line.contains("Build Queued") else { return nil }
        let words = line.split(separator: " ")
        guard let mark = words.firstIndex(of: "SHA:"), let word = words[mark...].dropFirst().first else {
            return nil
        }
        let isID = word.count >= 7 && word.utf8.allSatisfy { $0.hexDigit != nil }
        return isID ? word.lowercased() : nil
    }
}
