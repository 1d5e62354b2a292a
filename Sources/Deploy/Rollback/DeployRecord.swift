import SpacesModel

/// A deploy in a Space's history.
package struct DeployRecord: Hashable, Sendable {
    /// The number of deploys since this one: 0 is the newest.
    package var number: Int
    package var commit: HistoryEntry
    /// The number of commits made on the Space after this deploy and before the next one.
    package var laterEditCount = 0
    /// Whether a later rollback restored an older deploy.
    package var isRolledBack = false

    /// The release number; `nil` if the deploy has none, because it was made by an old version.
    package var release: Int? { commit.trailers.release }
    /// The display name `v12 (1a2b3c4)`, or only the commit id if there is no release number.
    package var name: String { release.map { "v\($0) (\(commit.id.short))" } ?? commit.id.short }
}

/// The deploys in a Space's history, newest first.
package struct DeployHistory: Hashable, Sendable {
    package private(set) var deploys: [DeployRecord] = []
    /// The number of commits below the oldest deploy that was found; all commits if there is no deploy.
    package private(set) var olderCommitCount = 0

    /// - Parameter commits: newest first.
    package init(_ commits: [HistoryEntry]) {
        var edits = 0
        for commit in commits {
            guard commit.isDeploy else {
                edits += 1
                continue
            }
            deploys.append(DeployRecord(number: deploys.count, commit: commit, laterEditCount: edits))
            edits = 0
        }
        olderCommitCount = edits
        markRolledBack(in: commits.map(\.id))
    }

    /// The index of the current deploy: the newest, or the deploy that the newest restored if it is a
    /// rollback; `nil` if there are no deploys.
    private var currentIndex: Int? {
        guard let restoredCommit = deploys.first?.commit.trailers.rolledBackTo else {
            return deploys.isEmpty ? nil : 0
        }
        return deploys.first { $0.commit.id == restoredCommit }?.number ?? 0
    }

    /// Returns the deploys below the current one that were not rolled back and have other files, newest
    /// first.
    /// - Parameter isOther: whether the tree of a commit differs from that of the current deploy.
    package func earlierDeploys(_ isOther: (ObjectID) -> Bool = { _ in true }) -> [DeployRecord] {
        guard let currentIndex else { return [] }
        return deploys.dropFirst(currentIndex + 1).filter { !$0.isRolledBack && isOther($0.commit.id) }
    }

    /// Returns the deploy to restore after a push failed: the one that was serving when the push began,
    /// or else the newest that is known to have run.
    /// - Parameters:
    ///   - serving: the commit that was serving; other commits may be between it and its deploy.
    ///   - order: the Space's commits below the failed one, newest first.
    ///   - isOther: whether the tree of a commit differs from that of the failed deploy.
    /// - Returns: `nil` if there is no such deploy.
    func deployToRestore(
        serving: ObjectID?, in order: [ObjectID], _ outcomes: DeployOutcomes, _ isOther: (ObjectID) -> Bool
    ) -> ObjectID? {
        let positions = Dictionary(order.enumerated().map { ($1, $0) }) { first, _ in first }
        if let serving, let position = positions[serving] {
            let below = deploys.first { positions[$0.commit.id].map { $0 >= position } ?? false }
            // The serving commit is older than the first deploy.
            guard let below else { return serving }
            if outcomes[below.commit.id] != .failed { return below.commit.id }
        }
        return deploys.first {
            positions[$0.commit.id] != nil && !$0.isRolledBack && outcomes[$0.commit.id] == .ran
                && isOther($0.commit.id)
        }?.commit.id
    }

    /// Marks the deploys between each rollback and the commit that it restored.
    private mutating func markRolledBack(in order: [ObjectID]) {
        let positions = Dictionary(order.enumerated().map { ($1, $0) }) { first, _ in first }
        for deploy in deploys {
            guard let restoredCommit = deploy.commit.trailers.rolledBackTo,
                let restoredPosition = positions[restoredCommit]
            else { continue }
            for index in deploys.indices where index > deploy.number {
                guard let position = positions[deploys[index].commit.id], position < restoredPosition else {
                    break
                }
                deploys[index].isRolledBack = true
            }
        }
    }
}

extension Trailers {
    /// The commit of the Space whose tree a rollback restored (`Rolled-Back-To`); `nil` if the commit
    /// is not a rollback.
    package var rolledBackTo: ObjectID? { self["Rolled-Back-To"].flatMap { ObjectID($0) } }

    /// The source commits that a rollback reverted (`Rolled-Back`). They are held back until the source
    /// has a newer commit.
    package var rolledBackCommits: [ObjectID] {
        fields.filter { $0.key.lowercased() == "rolled-back" }.compactMap { ObjectID($0.value) }
    }

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
