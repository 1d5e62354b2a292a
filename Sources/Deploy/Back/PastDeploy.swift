/// A commit of a Space's history, as far as its message tells what made it.
package struct PastCommit: Hashable, Sendable {
    package var id: ObjectID
    package var subject: String
    package var trailers: Trailers

    package init(id: ObjectID, subject: String, trailers: Trailers) {
        (self.id, self.subject, self.trailers) = (id, subject, trailers)
    }

    /// Made by a deploy of ours.
    package var isDeploy: Bool { trailers["Spacesync"] != nil }
}

/// A deploy in a Space's history.
package struct PastDeploy: Hashable, Sendable {
    /// How many deploys back: 0 is the newest.
    package var number: Int
    package var commit: PastCommit
    /// Commits of the Space's own that came upon it, before the next deploy.
    package var editsUpon = 0
    /// A later one went back behind it.
    package var isTakenBack = false
}

/// The deploys in a Space's history, newest first.
package struct DeployHistory: Hashable, Sendable {
    package private(set) var deploys: [PastDeploy] = []
    /// Commits below the oldest deploy that was found, or all of them.
    package private(set) var others = 0

    /// - Parameter commits: newest first.
    package init(_ commits: [PastCommit]) {
        var edits = 0
        for commit in commits {
            guard commit.isDeploy else {
                edits += 1
                continue
            }
            deploys.append(PastDeploy(number: deploys.count, commit: commit, editsUpon: edits))
            edits = 0
        }
        others = edits
        markTakenBack(in: commits.map(\.id))
    }

    /// What lies between a rollback and what it went back to did not stay.
    private mutating func markTakenBack(in order: [ObjectID]) {
        let places = Dictionary(order.enumerated().map { ($1, $0) }) { first, _ in first }
        for deploy in deploys {
            guard let goal = deploy.commit.trailers.restored, let end = places[goal] else { continue }
            for index in deploys.indices where index > deploy.number {
                guard let place = places[deploys[index].commit.id], place < end else { break }
                deploys[index].isTakenBack = true
            }
        }
    }
}

extension Trailers {
    /// Of a rollback: the Space's commit whose tree it put back.
    package var restored: ObjectID? { self["Rolled-Back-To"].flatMap { ObjectID($0) } }

    /// Of a rollback: the source's commits that were taken back. They are not deployed again until the source moves.
    package var takenBack: [ObjectID] {
        fields.filter { $0.key.lowercased() == "rolled-back" }.compactMap { ObjectID($0.value) }
    }
}
