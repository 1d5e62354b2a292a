import DeploySettings
import Essentials
import HTTP
import SecretScanner
import SpacesModel
import TextTools

/// A variable or secret from the command line, with its value.
struct GivenValue: Sendable {
    var name: String
    var value: Secret
    /// The kind of credential that the value looks like, `nil` if none; never the value.
    var credential: String?
    /// The source of the value.
    var location: ValueReference.Location
}

/// A reader of variables or secrets from the command line: `NAME=…` arguments and `--env-file`. It
/// resolves the values and collects all problems before the first request to the Hub.
struct CommandLineValues: Sendable {
    enum Kind: String, Sendable { case variable, secret }

    let environment: CommandEnvironment
    let kind: Kind
    private var found: [GivenValue] = []
    private var problems: [DeployError] = []

    init(_ environment: CommandEnvironment, _ kind: Kind) {
        (self.environment, self.kind) = (environment, kind)
    }

    /// Returns one value for each name, the last one given, in the order of the names' first occurrence.
    /// - Throws: kind `settings` with all problems.
    static func read(
        _ kind: Kind, assignments: [String], files: [String], in environment: CommandEnvironment
    ) async throws(DeployError) -> [GivenValue] {
        var values = CommandLineValues(environment, kind)
        for file in files { await values.addEntries(file: file) }
        for assignment in assignments { await values.addAssignment(assignment) }
        guard values.problems.isEmpty else { throw values.failure }
        return values.found
    }

    private mutating func addAssignment(_ assignment: String) async {
        do throws(DeployError) {
            let reference = try ValueReference(assignment, isSecret: kind == .secret)
            if let value = try await value(of: reference) {
                return add(reference.name, value, at: reference.location)
            }
            if !reference.isOptional { problems.append(missing(reference)) }
        } catch {
            problems.append(error)
        }
    }

    /// Returns the value. A secret typed on the terminal is not echoed.
    private func value(of reference: ValueReference) async throws(DeployError) -> Secret? {
        guard kind == .secret, reference.location == .standardInput, environment.canAsk else {
            return try await ValueReader(environment).value(of: reference)
        }
        let typed = await Prompt(environment).readHidden("Value for \(reference.name) (hidden)")
        return typed.flatMap { $0.isEmpty ? nil : Secret(exactly: $0) }
    }

    private mutating func addEntries(file: String) async {
        do throws(DeployError) {
            let reference = ValueReference("the file", at: file == "-" ? .standardInput : .file(file))
            guard let text = try await ValueReader(environment).value(of: reference) else {
                return problems.append(
                    DeployError(
                        .settings,
                        "\(file == "-" ? "standard input" : file.withoutTokens) does not exist or is empty",
                        hint: "use a file with one NAME=value per line, or - for standard input"))
            }
            addEntries(EnvFile(text.reveal()), of: file == "-" ? "standard input" : file)
        } catch {
            problems.append(error)
        }
    }

    private mutating func addEntries(_ file: EnvFile, of name: String) {
        for line in file.invalidLines {
            problems.append(
                DeployError(
                    .settings, "\(name) line \(line) is not a valid NAME=value", hint: "start comments with #"
                ))
        }
        for entry in file.entries {
            guard ValueReference.isValidName(entry.name) else {
                problems.append(
                    DeployError(
                        .settings, "\(name) line \(entry.line): \"\(entry.name)\" is not a valid name",
                        hint: "use letters, digits and _, starting with a letter"))
                continue
            }
            if let value = entry.value ?? environment[entry.name].map({ Secret(exactly: $0) }) {
                let location =
                    entry.value == nil ? ValueReference.Location.environment(entry.name) : .file(name)
                add(entry.name, value, at: location)
            } else {
                problems.append(
                    DeployError(
                        .settings,
                        "\(name) line \(entry.line): \(entry.name) has no value, and the environment variable is not set",
                        hint: "use \(entry.name)=value, or set the environment variable"))
            }
        }
    }

    private mutating func add(_ name: String, _ value: Secret, at location: ValueReference.Location) {
        let given = GivenValue(
            name: name, value: value,
            credential: CredentialScan.kind(of: value.reveal(), named: location.names(of: name)),
            location: location)
        if let index = found.firstIndex(where: { $0.name == name }) {
            found[index] = given
        } else {
            found.append(given)
        }
    }

    private func missing(_ reference: ValueReference) -> DeployError {
        let (reason, fix): (String, String) =
            switch reference.location {
            case .environment(let name):
                (
                    "the environment variable \(name.withoutTokens) is not set",
                    "set it, or use a file: \(reference.name)=file:PATH"
                )
            case .file(let path):
                ("\(path.withoutTokens) does not exist or is empty", "write only the value into this file")
            case .standardInput: ("standard input is empty", "pipe the value: printf %s … | spacesync …")
            case .literal: ("it is empty", "use \(reference.name)=value")
            }
        return DeployError(.settings, "\(kind.rawValue) \(reference.name) has no value: \(reason)", hint: fix)
    }

    private var failure: DeployError {
        guard problems.count > 1, var combined = problems.first else {
            return problems.first ?? DeployError(.settings, "no value given")
        }
        combined.message = "\(problems.count) \(kind.rawValue)s cannot be set"
        combined.details = problems.map(\.message)
        var hints: [String] = []
        for hint in problems.compactMap(\.hint) where !hints.contains(hint) { hints.append(hint) }
        combined.hint = hints.joined(separator: "\n")
        return combined
    }
}

/// A dotenv file of variables or secrets, parsed as by `hf`: `KEY=VALUE` lines, quotes, `export`,
/// comments; a KEY alone takes its value from the environment (`huggingface_hub`'s
/// `utils/_dotenv.py`).
struct EnvFile: Sendable {
    struct Entry: Sendable {
        var name: String
        /// `nil` if the value is to be taken from the environment.
        var value: Secret?
        /// The line number, from 1.
        var line: Int
    }

    private(set) var entries: [Entry] = []
    /// The numbers of invalid lines, from 1. Their content is not reported, because it may be secret.
    private(set) var invalidLines: [Int] = []

    init(_ text: String) {
        for (index, line) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
            .enumerated()
        {
            let trimmed = line.trimmingSpaces()
            guard !trimmed.isEmpty, !trimmed.hasPrefix("#") else { continue }
            if let (name, value) = Self.pair(trimmed) {
                entries.append(Entry(name: name, value: value.map { Secret(exactly: $0) }, line: index + 1))
            } else {
                invalidLines.append(index + 1)
            }
        }
    }

    private static func pair(_ line: String) -> (String, String?)? {
        var remaining = line[...]
        if let export = remaining.prefixMatch(of: /export[ \t]+/) {
            remaining = remaining[export.range.upperBound...]
        }
        guard let name = remaining.prefixMatch(of: /[A-Za-z_][A-Za-z0-9_]*/) else { return nil }
        remaining = remaining[name.range.upperBound...].drop { $0 == " " || $0 == "\t" }
        guard remaining.first == "=" else {
            return remaining.isEmpty || remaining.first == "#" ? (String(name.output), nil) : nil
        }
        return (String(name.output), value(remaining.dropFirst()))
    }

    private static func value(_ text: Substring) -> String {
        let bare = text.drop { $0 == " " || $0 == "\t" }
        if let quoted = bare.wholeMatch(of: /'((?:\\'|[^'])*)'[ \t]*(?:#.*)?/) { return String(quoted.1) }
        if let quoted = bare.wholeMatch(of: /"((?:\\"|[^"])*)"[ \t]*(?:#.*)?/) { return unescaped(quoted.1) }
        // `#` starts a comment only after a blank.
        let plain = text.firstMatch(of: /[ \t]+#.*$/).map { text[..<$0.range.lowerBound] } ?? text
        return plain.trimmingSpaces()
    }

    /// Resolves `\n`, `\t`, `\"`, `\\` and `\$`; other escapes are unchanged.
    private static func unescaped(_ text: Substring) -> String {
        var (result, remaining) = ("", text)
        while let character = remaining.popFirst() {
            guard character == "\\", let next = remaining.popFirst() else {
                result.append(character)
                continue
            }
            switch next {
            case "n": result.append("\n")
            case "t": result.append("\t")
            case "\"", "\\", "$": result.append(next)
            default: result += "\\\(next)"
            }
        }
        return result
    }
}
