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

/// The trailers (`Key: value` lines) at the end of a commit message (`git help
/// interpret-trailers`), in which a deploy stores information for later deploys.
package struct Trailers: Hashable, Sendable {
    package private(set) var fields: [Field] = []

    package struct Field: Hashable, Sendable {
        package var key: String
        package var value: String
    }

    package init() {}

    /// Parses the last paragraph of a message if it consists of trailers only.
    package init(of message: String) {
        let paragraphs = message.split(separator: "\n\n", omittingEmptySubsequences: true)
        guard paragraphs.count > 1, let last = paragraphs.last else { return }
        for line in last.split(separator: "\n") {
            let halves = line.split(separator: ":", maxSplits: 1)
            guard halves.count == 2, !halves[0].contains(" ") else {
                fields = []
                return
            }
            fields.append(Field(key: String(halves[0]), value: String(halves[1].drop { $0 == " " })))
        }
    }

    /// Returns the first value of a key, compared without case.
    package subscript(_ key: String) -> String? {
        fields.first { $0.key.lowercased() == key.lowercased() }?.value
    }

    /// Adds a trailer. Control characters in the value, such as line breaks, are replaced by blanks.
    package mutating func add(_ key: String, _ value: String) {
        fields.append(Field(key: key, value: value.withoutControls))
    }

    package var text: String { fields.map { "\($0.key): \($0.value)\n" }.joined() }
}

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
