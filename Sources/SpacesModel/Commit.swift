import TextTools

/// The author or committer of a commit, with the time.
package struct Signature: Hashable, Sendable {
    package var name: String
    package var email: String
    /// The time in seconds since 1970, UTC.
    package var time: Int64
    /// The time zone's offset in minutes east of UTC.
    package var offset: Int32

    package init(name: String, email: String, time: Int64, offset: Int32 = 0) {
        (self.name, self.email, self.time, self.offset) = (name, email, time, offset)
    }
}

/// A commit read from an object database.
package struct Commit: Hashable, Sendable {
    package var id: ObjectID
    package var tree: ObjectID
    package var parents: [ObjectID]
    package var author: Signature
    package var message: String
    /// The committer time in seconds since 1970; `nil` if it was not read.
    package var commitTime: Int64?

    package init(id: ObjectID, tree: ObjectID, parents: [ObjectID], author: Signature, message: String) {
        (self.id, self.tree, self.parents, self.author, self.message) = (id, tree, parents, author, message)
    }

    /// The first line of the message, safe to quote in another commit: without control characters,
    /// at most 1,000 characters.
    package var subject: String {
        let line = message.utf8.split(separator: .newline, maxSplits: 1).first ?? ""[...].utf8
        return Substring(line).withoutControls.trimmed.shortened(to: 1_000)
    }

    /// The subject, shortened for display.
    package var shownSubject: String { subject.shortened(to: ShownLimit.subject) }
}

/// A commit that is not written yet.
package struct CommitDraft: Hashable, Sendable {
    package var tree: ObjectID
    package var parents: [ObjectID]
    package var author: Signature
    package var committer: Signature
    package var message: String

    package init(
        tree: ObjectID, parents: [ObjectID], author: Signature, committer: Signature, message: String
    ) {
        (self.tree, self.parents, self.author) = (tree, parents, author)
        (self.committer, self.message) = (committer, message)
    }
}
