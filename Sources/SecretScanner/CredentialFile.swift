import SpacesModel
import TextTools

/// Files that are recognised as credentials by name: `.env`, `.netrc`, `.npmrc`, `.pypirc`, private
/// keys.
enum CredentialFile {
    /// Returns the first line with a credential, and its kind; `nil` if there is none.
    static func hit(_ path: Path, _ content: [UInt8]) -> (line: Int, kind: String)? {
        let name = path.name.description.lowercased()
        let parent = path.parent.name
        switch name {
        case ".netrc", "_netrc":
            return first(content, "a login password") { password(behind: "password", $0) }
        case ".npmrc": return first(content, "an npm token", setting: ["_authtoken", "_auth", "_password"])
        case ".pypirc": return first(content, "a password for a package index", setting: ["password"])
        case ".dockercfg", "config.json":
            guard name == ".dockercfg" || parent == ".docker" else { return nil }
            return first(content, "credentials for a registry", setting: ["\"auth\"", "\"identitytoken\""])
        case "id_rsa", "id_dsa", "id_ecdsa", "id_ed25519":
            return content.count > 100 && EntropyEstimate(content.suffix(100)).isRandom
                ? (1, "a private key") : nil
        default:
            return isEnvironment(name) ? first(content, "values of environment variables", environment) : nil
        }
    }

    /// Whether the name is `.env` or `.env.production`, but not an example such as `.env.sample`.
    private static func isEnvironment(_ name: String) -> Bool {
        guard name == ".env" || name.hasPrefix(".env.") else { return false }
        let exampleSuffixes = ["example", "sample", "template", "dist", "tmpl", "tpl", "defaults", "schema"]
        return !name.split(separator: ".").contains { exampleSuffixes.contains(String($0)) }
    }

    private static func first(
        _ content: [UInt8], _ kind: String, _ matches: (ArraySlice<UInt8>) -> Bool
    ) -> (line: Int, kind: String)? {
        let lines = content.split(separator: .newline, omittingEmptySubsequences: false)
        return lines.firstIndex { matches($0.trimmingSpaces) }.map { ($0 + 1, kind) }
    }

    /// Returns the first `NAME=value` whose name ends with one of these names
    /// (`//registry/:_authToken=`).
    private static func first(_ content: [UInt8], _ kind: String, setting names: [String]) -> (
        line: Int, kind: String
    )? {
        first(content, kind) { line in
            guard line.first != .hash, line.first != UInt8(ascii: ";") else { return false }
            guard let separator = line.firstIndex(of: .equals) ?? line.firstIndex(of: .colon) else {
                return false
            }
            let name = line[..<separator].trimmingSpaces.map(\.lowered).text
            return names.contains { name.hasSuffix($0) } && isValue(line[(separator + 1)...])
        }
    }

    private static func password(behind keyword: String, _ line: ArraySlice<UInt8>) -> Bool {
        let fields = line.whitespaceSeparated
        guard let index = fields.firstIndex(where: { $0.elementsEqual(keyword.utf8) }),
            index + 1 < fields.count
        else {
            return false
        }
        return isValue(fields[index + 1])
    }

    private static func environment(_ line: ArraySlice<UInt8>) -> Bool {
        let assignment = line.starts(with: "export ".utf8) ? line.dropFirst(7).trimmingSpaces : line
        guard let first = assignment.first, first.isLetter || first == .underscore,
            let equalsSign = assignment.firstIndex(of: .equals)
        else {
            return false
        }
        return isValue(assignment[(equalsSign + 1)...], truthCounts: true)
    }

    private static func isValue(_ text: ArraySlice<UInt8>, truthCounts: Bool = false) -> Bool {
        let quotes: Set<UInt8> = [.quote, .doubleQuote]
        var value = Array(text.trimmingSpaces.drop { quotes.contains($0) })
        if let comment = value.firstIndex(of: .hash), truthCounts {
            value = Array(value[..<comment][...].trimmingSpaces)
        }
        while let last = value.last, quotes.contains(last) || last == UInt8(ascii: ",") { value.removeLast() }
        let isBoolean = truthCounts && ["true", "false", "yes", "no"].contains(value.text.lowercased())
        return !value.isEmpty && (isBoolean || !value.isPlaceholder)
    }
}
