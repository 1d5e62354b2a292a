import TextTools

/// Who wrote a commit, and when.
package struct Signature: Hashable, Sendable {
    package var name: String
    package var email: String
    /// Seconds since 1970, UTC.
    package var time: Int64
    /// Minutes east of UTC.
    package var offset: Int32

    package init(name: String, email: String, time: Int64, offset: Int32 = 0) {
        (self.name, self.email, self.time, self.offset) = (name, email, time, offset)
    }
}

/// A commit as it was read.
package struct Commit: Hashable, Sendable {
    package var id: ObjectID
    package var tree: ObjectID
    package var parents: [ObjectID]
    package var author: Signature
    package var message: String
    /// When it was committed, in seconds since 1970, as far as that was read.
    package var commitTime: Int64?

    package init(id: ObjectID, tree: ObjectID, parents: [ObjectID], author: Signature, message: String) {
        (self.id, self.tree, self.parents, self.author, self.message) = (id, tree, parents, author, message)
    }

    /// The first line of the message, as it may stand in another commit: no control characters, and no more than
    /// 1,000 of all others.
    package var subject: String {
        let line = message.utf8.split(separator: .newline, maxSplits: 1).first ?? ""[...].utf8
        return Substring(line).withoutControls.trimmed.shortened(to: 1_000)
    }

    /// The subject as it is shown.
    package var shownSubject: String { subject.shortened(to: ShownLimit.subject) }
}

/// A commit that is to be written.
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
