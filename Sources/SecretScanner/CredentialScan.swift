import DockerSyntax
import SpacesModel
import TextTools

/// Scans files for credentials (design 4.4). A text with the format and the entropy of a real token
/// is an error; a value that is only named like a secret is a warning. A finding has file, line and
/// kind, never the value.
package enum CredentialScan {
    package static func findings(path: Path, content: [UInt8]) -> [Finding] {
        let content = UTF16Text.narrowed(content) ?? content
        var lines = LineCount(content)
        var findings = hits(in: content).map { hit in
            finding(hit.severity, path, line: lines.line(of: hit.offset), hit.kind)
        }
        if let hit = CredentialFile.hit(path, content), !findings.contains(where: { $0.severity == .error }) {
            findings.append(finding(.error, path, line: hit.line, hit.kind))
        }
        let reportedLines = Set(findings.compactMap(\.line))
        return (findings + namedSecrets(path, content).filter { !reportedLines.contains($0.line ?? 0) })
            .sortedUnique
    }

    /// Scans a file that Git takes for binary: for private keys, or for all credentials if it is
    /// UTF-16 text.
    package static func findings(path: Path, binary content: [UInt8]) -> [Finding] {
        if UTF16Text.narrowed(content) != nil { return findings(path: path, content: content) }
        let keys = PrivateKeyScan.offsets(in: content)
        return keys.isEmpty ? [] : [finding(.error, path, line: nil, "a private key")]
    }

    /// Returns tokens, passwords and private keys, sorted by offset.
    static func hits(in content: [UInt8]) -> [TokenScan.Hit] {
        let keys = PrivateKeyScan.offsets(in: content).map {
            TokenScan.Hit(offset: $0, kind: "a private key")
        }
        return (TokenScan.hits(in: content) + keys).sorted { $0.offset < $1.offset }
    }

    private static func finding(_ severity: Finding.Severity, _ path: Path, line: Int?, _ kind: String)
        -> Finding
    {
        let errorFix =
            "remove it, revoke it, and set its replacement as a secret of the Space (on its Settings page); to allow it: allowCredential = \(path.pattern)"
        let warningFix =
            "check that it is not secret; set a secret value as a secret of the Space (on its Settings page)"
        return Finding(
            severity, path, line: line, severity == .error ? .credential : .secretValue,
            "contains what looks like \(kind)", fix: severity == .error ? errorFix : warningFix)
    }

    private static func namedSecrets(_ path: Path, _ content: [UInt8]) -> [Finding] {
        if path.name.description.lowercased().contains("dockerfile") { return variables(path, content) }
        guard SecretAssignmentScan.shouldScan(path.name) else { return [] }
        var lines = LineCount(content)
        return SecretAssignmentScan.offsets(in: content).map { offset in
            finding(.warning, path, line: lines.line(of: offset), "a secret (judging by its name)")
        }
    }

    /// Returns warnings for ENV and ARG with names of secrets and a value, which is readable in the
    /// image.
    private static func variables(_ path: Path, _ content: [UInt8]) -> [Finding] {
        Dockerfile.read(content).instructions.filter { ["ENV", "ARG"].contains($0.keyword) }.flatMap {
            instruction in
            instruction.variables.filter { SecretName.matches(Array($0.name.utf8)) && $0.hasValue }.map {
                variable in
                Finding(
                    .warning, path, line: instruction.line, .secretValue,
                    "\(instruction.keyword) \(variable.name) has a value, which is stored in the image",
                    fix:
                        "remove it, and set \(variable.name) as a secret of the Space (on its Settings page)"
                )
            }
        }
    }
}

extension DockerVariable {
    /// Whether the variable has a literal value: not empty, another variable, a path, a number or a
    /// Boolean.
    fileprivate var hasValue: Bool {
        let unquoted = (value ?? "").filter { $0 != "\"" && $0 != "'" }
        let constants = ["true", "false", "none", "null"]
        return !unquoted.isEmpty && !unquoted.contains("$") && !unquoted.hasPrefix("/")
            && Int(unquoted) == nil
            && !constants.contains(unquoted.lowercased())
    }
}

/// Line numbers of offsets, efficient if they are requested in rising order.
private struct LineCount {
    private let bytes: [UInt8]
    private var (offset, line) = (0, 1)

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    mutating func line(of offset: Int) -> Int {
        if offset < self.offset { (self.offset, line) = (0, 1) }
        line += bytes[self.offset..<offset].count { $0 == .newline }
        self.offset = offset
        return line
    }
}

extension CredentialScan {
    /// - Returns: the kind of credential, never the value; `nil` if the value does not look like a
    ///   credential.
    package static func kind(of value: String) -> String? {
        hits(in: Array(value.utf8)).first?.kind
    }

    /// Returns the kind of credential of a variable's value, also by names such as
    /// `AWS_SECRET_ACCESS_KEY`.
    /// - Parameter names: the name of the variable, and the name under which its value was found.
    package static func kind(of value: String, named names: [String]) -> String? {
        if let kind = kind(of: value) { return kind }
        let switches = ["", "true", "false", "yes", "no", "on", "off", "0", "1"]
        guard !switches.contains(value.lowercased()) else { return nil }
        return names.first { SecretName.matchesVariable($0) }.map { "a secret (\($0))" }
    }
}
