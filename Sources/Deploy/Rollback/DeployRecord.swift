import SpacesModel

/// A deploy in a Space's history.
package struct DeployRecord: Hashable, Sendable {
    /// How many deploys back: 0 is the newest.
    package var number: Int
    package var commit: HistoryEntry
    /// Commits of the Space's own that came upon it, before the next deploy.
    package var laterEditCount = 0
    /// A later one went back behind it.
    package var isRolledBack = false

    /// The permanent number; `nil` if the deploy was made before there were numbers.
    package var release: Int? { commit.trailers.release }
    /// `v12 (1a2b3c4)`, or the commit alone.
    package var name: String { release.map { "v\($0) (\(commit.id.short))" } ?? commit.id.short }
}

/// The deploys in a Space's history, newest first.
package struct DeployHistory: Hashable, Sendable {
    package private(set) var deploys: [DeployRecord] = []
    /// Commits below the oldest deploy that was found, or all of them.
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

    /// What the newest deploy stands for: a rollback for what it put back.
    private var currentIndex: Int? {
        guard let goal = deploys.first?.commit.trailers.rolledBackTo else { return deploys.isEmpty ? nil : 0 }
        return deploys.first { $0.commit.id == goal }?.number ?? 0
    }

    /// The deploys below the present one that were not rolled back and have other files, newest first.
    /// - Parameter isOther: whether the tree of a commit is another than that of the present deploy.
    package func earlierDeploys(_ isOther: (ObjectID) -> Bool = { _ in true }) -> [DeployRecord] {
        guard let currentIndex else { return [] }
        return deploys.dropFirst(currentIndex + 1).filter { !$0.isRolledBack && isOther($0.commit.id) }
    }

    /// The deploy to restore after a push failed: the one that was serving when the push began, else the newest that is
    /// known to have run.
    /// - Parameters:
    ///   - serving: the commit that was serving; commits by hand may be between it and its deploy.
    ///   - order: the Space's commits below the failed one, newest first.
    ///   - isOther: whether the tree of a commit is another than that of the failed deploy.
    /// - Returns: `nil` if none is known.
    func deployToRestore(
        serving: ObjectID?, in order: [ObjectID], _ outcomes: DeployOutcomes, _ isOther: (ObjectID) -> Bool
    ) -> ObjectID? {
        let places = Dictionary(order.enumerated().map { ($1, $0) }) { first, _ in first }
        if let serving, let place = places[serving] {
            let below = deploys.first { places[$0.commit.id].map { $0 >= place } ?? false }
            // What served before the first deploy was not made by one.
            guard let below else { return serving }
            if outcomes[below.commit.id] != .failed { return below.commit.id }
        }
        return deploys.first {
            places[$0.commit.id] != nil && !$0.isRolledBack && outcomes[$0.commit.id] == .ran
                && isOther($0.commit.id)
        }?.commit.id
    }

    /// What lies between a rollback and what it went back to did not stay.
    private mutating func markRolledBack(in order: [ObjectID]) {
        let places = Dictionary(order.enumerated().map { ($1, $0) }) { first, _ in first }
        for deploy in deploys {
            guard let goal = deploy.commit.trailers.rolledBackTo, let end = places[goal] else { continue }
            for index in deploys.indices where index > deploy.number {
                guard let place = places[deploys[index].commit.id], place < end else { break }
                deploys[index].isRolledBack = true
            }
        }
    }
}

extension Trailers {
    /// Of a rollback: the Space's commit whose tree it put back.
    package var rolledBackTo: ObjectID? { self["Rolled-Back-To"].flatMap { ObjectID($0) } }

    /// Of a rollback: the source's commits that were taken back. They are not deployed again until the source moves.
    package var rolledBackCommits: [ObjectID] {
        fields.filter { $0.key.lowercased() == "rolled-back" }.compactMap { ObjectID($0.value) }
    }
}
