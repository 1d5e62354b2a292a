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
            finding(hit.severity, path, line: lines.line(of: hit.place), hit.kind)
        }
        if let hit = CredentialFile.hit(path, content), !found.contains(where: { $0.severity == .error }) {
            found.append(finding(.error, path, line: hit.line, hit.kind))
        }
        let said = Set(found.compactMap(\.line))
        return (found + named(path, content).filter { !said.contains($0.line ?? 0) }).inOrder
    }

    /// Of a file that Git takes for binary: private keys, and all credentials if it is text in UTF-16.
    package static func findings(path: Path, binary content: [UInt8]) -> [Finding] {
        if UTF16Text.narrowed(content) != nil { return findings(path: path, content: content) }
        let keys = PrivateKeyScan.places(in: content)
        return keys.isEmpty ? [] : [finding(.error, path, line: nil, "a private key")]
    }

    /// Tokens, passwords and private keys, by where they begin.
    static func hits(in content: [UInt8]) -> [TokenScan.Hit] {
        let keys = PrivateKeyScan.places(in: content).map { TokenScan.Hit(place: $0, kind: "a private key") }
        return (TokenScan.hits(in: content) + keys).sorted { $0.place < $1.place }
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
            "holds what looks like \(kind)", mend: severity == .error ? mend : check)
    }

    private static func named(_ path: Path, _ content: [UInt8]) -> [Finding] {
        if path.name.description.lowercased().contains("dockerfile") { return variables(path, content) }
        guard NamedSecretScan.reads(path.name) else { return [] }
        var lines = LineCount(content)
        return NamedSecretScan.places(in: content).map { place in
            finding(.warning, path, line: lines.line(of: place), "a secret, by its name")
        }
    }

    /// ENV and ARG named like secrets, with a value: it stays in the image for all to read.
    private static func variables(_ path: Path, _ content: [UInt8]) -> [Finding] {
        Dockerfile.read(content).instructions.filter { ["ENV", "ARG"].contains($0.keyword) }.flatMap {
            instruction in
            instruction.variables.filter { SecretName.matches(Array($0.name.utf8)) && $0.holdsValue }.map {
                variable in
                Finding(
                    .warning, path, line: instruction.line, .secretValue,
                    "\(instruction.keyword) \(variable.name) has a value, which stays in the image",
                    mend:
                        "give it when the app starts: as the secret \(variable.name) of the Space (its Settings page)"
                )
            }
        }
    }
}

extension DockerVariable {
    /// A value of its own: neither empty, nor another variable, a path, a number or a truth value.
    fileprivate var holdsValue: Bool {
        let bare = (value ?? "").filter { $0 != "\"" && $0 != "'" }
        let plain = ["true", "false", "none", "null"]
        return !bare.isEmpty && !bare.contains("$") && !bare.hasPrefix("/") && Int(bare) == nil
            && !plain.contains(bare.lowercased())
    }
}

/// Line numbers of places that are asked for in rising order.
private struct LineCount {
    private let bytes: [UInt8]
    private var (place, line) = (0, 1)

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    mutating func line(of place: Int) -> Int {
        if place < self.place { (self.place, line) = (0, 1) }
        line += bytes[self.place..<place].count { $0 == .newline }
        self.place = place
        return line
    }
}
