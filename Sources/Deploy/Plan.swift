import SpacesModel

/// The changes that a push would make on the Space, by file.
package struct Plan: Hashable, Sendable {
    package var changes: [Change]
    /// Commits of the source that are pushed (`history = source`), oldest first.
    package var commits: [Commit] = []
    /// Changes of the Space's configuration.
    package var configurationChanges: [ConfigurationChange] = []
    /// The source commit, if it is not deployed because it was rolled back.
    package var heldBack: ObjectID?

    package init(changes: [Change]) { self.changes = changes }

    /// Whether there is no file to add, update or remove, and no commit to push.
    package var isEmpty: Bool { changes.allSatisfy { $0.kind == .kept } && commits.isEmpty }
    /// Whether the plan is empty and there is no configuration to apply either.
    package var isDone: Bool { isEmpty && configurationChanges.allSatisfy { $0.command == nil } }
    package func count(_ kind: Change.Kind) -> Int { changes.count { $0.kind == kind } }
}

/// One path that a deploy changes or keeps, with the reason.
package struct Change: Hashable, Sendable {
    package enum Kind: String, Hashable, Sendable { case added, updated, removed, kept }
    package var path: Path
    package var kind: Kind
    package var why: String
    /// The size in bytes of a file that is sent by LFS; `nil` for any other file.
    package var lfs: Int?
    /// The new path of a removed file whose content is added elsewhere.
    package var movedTo: Path?
    /// The diff of a text file in the format of `git diff`; `nil` if no diff was requested.
    package var diff: [UInt8]?

    package init(path: Path, kind: Kind, why: String) { (self.path, self.kind, self.why) = (path, kind, why) }
}

/// A change to a Space's configuration (variable, secret, hardware, sleep time or visibility): set,
/// removed or kept as it is.
package struct ConfigurationChange: Hashable, Sendable {
    package enum Subject: Hashable, Sendable, CustomStringConvertible {
        case variable(String)
        case secret(String)
        case hardware, sleepTime, visibility

        package var description: String {
            switch self {
            case .variable(let name): "variable \(name)"
            case .secret(let name): "secret \(name)"
            case .hardware: "hardware"
            case .sleepTime: "sleepTime"
            case .visibility: "visibility"
            }
        }
    }

    package var subject: Subject
    package var kind: Change.Kind
    package var why: String
    /// The call that makes the change; `nil` if the value is kept as it is.
    package var command: ConfigurationCommand?
    /// A cost or exposure that requires confirmation, such as `from $0.00 to $0.40 an hour`; `nil` if
    /// there is none.
    package var costWarning: String?

    package init(
        _ subject: Subject, _ kind: Change.Kind, _ why: String, command: ConfigurationCommand? = nil,
        costWarning: String? = nil
    ) {
        (self.subject, self.kind, self.why) = (subject, kind, why)
        (self.command, self.costWarning) = (command, costWarning)
    }
}
