/// A commit of a Space's history, with its trailers.
package struct HistoryEntry: Hashable, Sendable {
    package var id: ObjectID
    package var subject: String
    package var trailers: Trailers

    package init(id: ObjectID, subject: String, trailers: Trailers) {
        (self.id, self.subject, self.trailers) = (id, subject, trailers)
    }

    /// Whether the commit was made by a deploy of spacesync.
    package var isDeploy: Bool { trailers["Spacesync"] != nil }
}
