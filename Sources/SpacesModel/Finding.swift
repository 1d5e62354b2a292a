/// Something that a check of a tree found: where, what, and what to do about it. Never holds a secret.
package struct Finding: Hashable, Sendable, CustomStringConvertible {
    package enum Severity: Int, Hashable, Sendable, Comparable {
        case warning, error
        package var name: String { self == .error ? "error" : "warning" }
        package static func < (left: Severity, right: Severity) -> Bool { left.rawValue < right.rawValue }
    }

    package var severity: Severity
    package var path: Path
    /// From 1; nil where no line is to blame.
    package var line: Int?
    package var rule: Rule
    /// What is wrong, without a full stop.
    package var reason: String
    /// What to do.
    package var fix: String
    /// The Hub said it: no check without a Hub finds it.
    package var isFromHub = false

    package init(
        _ severity: Severity, _ path: Path, line: Int? = nil, _ rule: Rule, _ reason: String, fix: String
    ) {
        (self.severity, self.path, self.line, self.rule) = (severity, path, line, rule)
        (self.reason, self.fix) = (reason, fix)
    }

    /// What a finding is about; the raw value is its name in JSON.
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
        /// A file that its attributes send by LFS, and that goes as it is.
        case lfsAttribute = "lfs-attribute"
        case directoryEntries = "directory-entries"
        case fileName = "file-name"
        case fileNameCase = "file-name-case"
        case symlink
        case submodule
        /// A token, a private key, a password: stops a deploy.
        case credential
        /// A value whose name says that it is secret.
        case secretValue = "secret-value"
    }

    /// `PATH:LINE`, or the path alone.
    package var location: String { line.map { "\(path.shown):\($0)" } ?? (path.isRoot ? "." : path.shown) }
    package var description: String { "\(location): \(reason) (\(fix))" }
}

extension [Finding] {
    /// By path and line, errors first where they share one; each once.
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
