import SpacesModel

/// The permanent number of a deploy: the trailer `Release: 12`, shown as `v12`.
package enum Release {
    /// The highest number that is read or written. A commit with a higher one counts as a commit without a number.
    package static let maxNumber = 999_999_999

    /// Reads decimal digits without a sign or a zero in front; `nil` for everything else, and beyond the limit.
    package static func parse(_ text: some StringProtocol) -> Int? {
        let digits = text.utf8
        guard (1...9).contains(digits.count), digits.first != UInt8(ascii: "0"),
            digits.allSatisfy({ $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") })
        else { return nil }
        return Int(text)
    }

    /// The number of the next deploy: one more than the newest that has a number. Deploys without one count as well, and
    /// if none has one, the next number counts them all.
    /// - Parameter deploys: the deploys below it, newest first.
    package static func next(after deploys: [HistoryEntry]) -> Int {
        let numbered = deploys.enumerated().lazy.compactMap { index, deploy in
            deploy.trailers.release.map { $0 + index + 1 }
        }
        guard let next = numbered.first, next <= maxNumber else { return min(deploys.count + 1, maxNumber) }
        return next
    }
}

/// What a deploy records for later ones: its number, and how the deploy before it ended.
struct ReleaseTrailers: Hashable, Sendable {
    var release: Int
    /// `nil` if there is no deploy before it.
    var previous: Previous?

    struct Previous: Hashable, Sendable {
        var commit: ObjectID
        var outcome: DeployOutcome
    }

    func write(to trailers: inout Trailers) {
        trailers.add("Release", "\(release)")
        if let previous {
            trailers.add("Previous-Outcome", "\(previous.outcome.rawValue) \(previous.commit)")
        }
    }
}

extension Trailers {
    /// The number of the deploy; `nil` if it has none, an invalid one, or several.
    package var release: Int? { uniqueValue("release").flatMap { Release.parse($0) } }

    /// What the deploy recorded about the one before it; `nil` if that is missing, invalid, or there several times.
    package var previousOutcome: (commit: ObjectID, outcome: DeployOutcome)? {
        let words =
            uniqueValue("previous-outcome")?.split(separator: " ", omittingEmptySubsequences: false) ?? []
        guard words.count == 2, let outcome = DeployOutcome(rawValue: String(words[0])),
            let commit = ObjectID(words[1])
        else { return nil }
        return (commit, outcome)
    }

    /// The value of a key that occurs once.
    private func uniqueValue(_ key: String) -> String? {
        let found = fields.filter { $0.key.lowercased() == key }
        return found.count == 1 ? found[0].value : nil
    }
}
