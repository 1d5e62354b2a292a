import SpacesModel

/// The permanent number of a deploy: the trailer `Release: 12`, shown as `v12`.
package enum Release {
    /// The highest number that is read or written. A commit with a higher number counts as a commit
    /// without a number.
    package static let maxNumber = 999_999_999

    /// Parses decimal digits without a sign or a leading zero; `nil` for any other text and for numbers
    /// above `maxNumber`.
    package static func parse(_ text: some StringProtocol) -> Int? {
        let digits = text.utf8
        guard (1...9).contains(digits.count), digits.first != UInt8(ascii: "0"),
            digits.allSatisfy({ $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") })
        else { return nil }
        return Int(text)
    }

    /// Returns the number of the next deploy: the newest number, plus one for each deploy since, plus
    /// one. If no deploy has a number, all deploys are counted.
    /// - Parameter deploys: the deploys before the next one, newest first.
    package static func next(after deploys: [HistoryEntry]) -> Int {
        let numbered = deploys.enumerated().lazy.compactMap { index, deploy in
            deploy.trailers.release.map { $0 + index + 1 }
        }
        guard let next = numbered.first, next <= maxNumber else { return min(deploys.count + 1, maxNumber) }
        return next
    }
}

/// The trailers that a deploy records for later ones: its release number, and the outcome of the deploy
/// before it.
struct ReleaseTrailers: Hashable, Sendable {
    var release: Int
    /// The deploy before it; `nil` if there is none.
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
    /// The release number; `nil` if there is none, if it is invalid, or if there are several.
    package var release: Int? { uniqueValue("release").flatMap { Release.parse($0) } }

    /// The recorded outcome of the deploy before this one; `nil` if the trailer is missing, invalid or
    /// repeated.
    package var previousOutcome: (commit: ObjectID, outcome: DeployOutcome)? {
        let parts =
            uniqueValue("previous-outcome")?.split(separator: " ", omittingEmptySubsequences: false) ?? []
        guard parts.count == 2, let outcome = DeployOutcome(rawValue: String(parts[0])),
            let commit = ObjectID(parts[1])
        else { return nil }
        return (commit, outcome)
    }

    /// Returns the value of a key; `nil` unless the key occurs exactly once.
    private func uniqueValue(_ key: String) -> String? {
        let matches = fields.filter { $0.key.lowercased() == key }
        return matches.count == 1 ? matches[0].value : nil
    }
}
