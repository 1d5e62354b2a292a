/// A commit of a Space's history, as far as its message tells what made it.
package struct HistoryEntry: Hashable, Sendable {
    package var id: ObjectID
    package var subject: String
    package var trailers: Trailers

    package init(id: ObjectID, subject: String, trailers: Trailers) {
        (self.id, self.subject, self.trailers) = (id, subject, trailers)
    }

    /// Made by a deploy of ours.
    package var isDeploy: Bool { trailers["Spacesync"] != nil }
}
