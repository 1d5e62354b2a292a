/// A finding of a tree check: its location, reason and fix. Never contains a secret.
package struct Finding: Hashable, Sendable, CustomStringConvertible {
    package enum Severity: Int, Hashable, Sendable, Comparable {
        case warning, error
        package var name: String { self == .error ? "error" : "warning" }
        package static func < (left: Severity, right: Severity) -> Bool { left.rawValue < right.rawValue }
    }

    package var severity: Severity
    package var path: Path
    /// The line, from 1; `nil` if the finding does not concern a single line.
    package var line: Int?
    package var rule: Rule
    /// The reason, without a full stop.
    package var reason: String
    /// The suggested fix.
    package var fix: String
    /// Whether the Hub reported the finding; a check without the Hub cannot find it.
    package var isFromHub = false

    package init(
        _ severity: Severity, _ path: Path, line: Int? = nil, _ rule: Rule, _ reason: String, fix: String
    ) {
        (self.severity, self.path, self.line, self.rule) = (severity, path, line, rule)
        (self.reason, self.fix) = (reason, fix)
    }

    /// The rule that a finding violates; the raw value is its name in JSON.
    package enum Rule: String, Hashable, Sendable, CaseIterable {
        case dockerfileMissing = "dockerfile-missing"
        case dockerfileSyntax = "dockerfile-syntax"
        case copySource = "copy-source"
        case copyStage = "copy-stage"
        case port
        case loopback
        case baseImage = "base-image"
        case appFile = "app-file"
        case card
        case largeFile = "large-file"
        case binaryFile = "binary-file"
        /// An LFS pointer without its object.
        case lfsPointer = "lfs-pointer"
        /// A file that should be stored with LFS according to `.gitattributes`, but is not.
        case lfsAttribute = "lfs-attribute"
        case directoryEntries = "directory-entries"
        case fileName = "file-name"
        case fileNameCase = "file-name-case"
        case symlink
        case submodule
        /// A token, a private key or a password: blocks a deploy.
        case credential
        /// A value with a name that indicates a secret.
        case secretValue = "secret-value"
    }

    /// `PATH:LINE`, or the path alone if there is no line.
    package var location: String { line.map { "\(path.shown):\($0)" } ?? (path.isRoot ? "." : path.shown) }
    package var description: String { "\(location): \(reason) (\(fix))" }
}

extension [Finding] {
    /// The findings sorted by path and line, errors before warnings on the same line, without duplicates.
    package var sortedUnique: [Finding] {
        var seen: Set<Finding> = []
        return filter { seen.insert($0).inserted }.sorted { left, right in
            if left.path != right.path { return left.path < right.path }
            if left.line != right.line { return (left.line ?? 0) < (right.line ?? 0) }
            if left.severity != right.severity { return left.severity > right.severity }
            return left.rule.rawValue < right.rule.rawValue
        }
    }
}

/// The Hub's validation result for a README's front matter, with the Hub's messages.
package struct CardValidation: Hashable, Sendable {
    package var errors: [String]
    package var warnings: [String]
    /// Whether the Hub would accept a push with this front matter.
    package var isAccepted: Bool { errors.isEmpty }

    package init(errors: [String], warnings: [String]) { (self.errors, self.warnings) = (errors, warnings) }
}
