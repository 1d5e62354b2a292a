import DockerSyntax
import SpacesModel
import TextTools

/// Credentials in files (design 4.4): what has the shape and the variety of a real token stops a deploy, what is only
/// named like a secret is a warning. A finding names file, line and kind; the value is never kept.
package enum CredentialScan {
    package static func findings(path: Path, content: [UInt8]) -> [Finding] {
        let content = UTF16Text.narrowed(content) ?? content
        var lines = LineCount(content)
        var found = hits(in: content).map { hit in
            finding(hit.severity, path, line: lines.line(of: hit.offset), hit.kind)
        }
        if let hit = CredentialFile.hit(path, content), !found.contains(where: { $0.severity == .error }) {
            found.append(finding(.error, path, line: hit.line, hit.kind))
        }
        let said = Set(found.compactMap(\.line))
        return (found + namedSecrets(path, content).filter { !said.contains($0.line ?? 0) }).sortedUnique
    }

    /// Of a file that Git takes for binary: private keys, and all credentials if it is text in UTF-16.
    package static func findings(path: Path, binary content: [UInt8]) -> [Finding] {
        if UTF16Text.narrowed(content) != nil { return findings(path: path, content: content) }
        let keys = PrivateKeyScan.offsets(in: content)
        return keys.isEmpty ? [] : [finding(.error, path, line: nil, "a private key")]
    }

    /// Tokens, passwords and private keys, by where they begin.
    static func hits(in content: [UInt8]) -> [TokenScan.Hit] {
        let keys = PrivateKeyScan.offsets(in: content).map {
            TokenScan.Hit(offset: $0, kind: "a private key")
        }
        return (TokenScan.hits(in: content) + keys).sorted { $0.offset < $1.offset }
    }

    private static func finding(_ severity: Finding.Severity, _ path: Path, line: Int?, _ kind: String)
        -> Finding
    {
        let mend =
            "take it out, revoke it, and give it to the app as a secret of the Space (its Settings page); to let it pass: allowCredential = \(path.pattern)"
        let check =
            "make sure that nothing secret goes with it: a secret of the Space (its Settings page) gives it to the app"
        return Finding(
            severity, path, line: line, severity == .error ? .credential : .secretValue,
            "holds what looks like \(kind)", fix: severity == .error ? mend : check)
    }

    private static func namedSecrets(_ path: Path, _ content: [UInt8]) -> [Finding] {
        if path.name.description.lowercased().contains("dockerfile") { return variables(path, content) }
        guard SecretAssignmentScan.shouldScan(path.name) else { return [] }
        var lines = LineCount(content)
        return SecretAssignmentScan.offsets(in: content).map { place in
            finding(.warning, path, line: lines.line(of: place), "a secret, by its name")
        }
    }

    /// ENV and ARG named like secrets, with a value: it stays in the image for all to read.
    private static func variables(_ path: Path, _ content: [UInt8]) -> [Finding] {
        Dockerfile.read(content).instructions.filter { ["ENV", "ARG"].contains($0.keyword) }.flatMap {
            instruction in
            instruction.variables.filter { SecretName.matches(Array($0.name.utf8)) && $0.hasValue }.map {
                variable in
                Finding(
                    .warning, path, line: instruction.line, .secretValue,
                    "\(instruction.keyword) \(variable.name) has a value, which stays in the image",
                    fix:
                        "give it when the app starts: as the secret \(variable.name) of the Space (its Settings page)"
                )
            }
        }
    }
}

extension DockerVariable {
    /// A value of its own: neither empty, nor another variable, a path, a number or a truth value.
    fileprivate var hasValue: Bool {
        let bare = (value ?? "").filter { $0 != "\"" && $0 != "'" }
        let plain = ["true", "false", "none", "null"]
        return !bare.isEmpty && !bare.contains("$") && !bare.hasPrefix("/") && Int(bare) == nil
            && !plain.contains(bare.lowercased())
    }
}

/// Line numbers of places that are asked for in rising order.
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
