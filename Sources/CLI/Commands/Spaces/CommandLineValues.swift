import DeploySettings
import Essentials
import HTTP
import SecretScanner
import SpacesModel
import TextTools

/// A variable or secret of a command line, with its value.
struct GivenValue: Sendable {
    var name: String
    var value: Secret
    /// What the value is, if only its owner should read it; never the value.
    var credential: String?
    /// Where the value was found.
    var location: ValueReference.Location
}

extension SpaceCommandContext {
    /// Warns about files of secrets that other users can read.
    func checkFiles(of secrets: [GivenValue]) {
        for case .file(let path) in secrets.map(\.location) {
            runContext.tokenFiles.check(invocation.environment.absolute(path), named: path)
        }
    }
}

/// Variables or secrets that a command line gives, with their values found: `NAME=…` words, `--env-file`. All problems
/// at once, before the Hub is asked anything.
struct CommandLineValues: Sendable {
    enum Kind: String, Sendable { case variable, secret }

    let environment: CommandEnvironment
    let kind: Kind
    private var found: [GivenValue] = []
    private var problems: [DeployError] = []

    init(_ environment: CommandEnvironment, _ kind: Kind) {
        (self.environment, self.kind) = (environment, kind)
    }

    /// By name, the last word for each; in the order of their first.
    /// - Throws: kind `settings` with all that is wrong.
    static func read(
        _ kind: Kind, assignments: [String], files: [String], in environment: CommandEnvironment
    ) async throws(DeployError) -> [GivenValue] {
        var values = CommandLineValues(environment, kind)
        for file in files { await values.addEntries(file: file) }
        for word in assignments { await values.addAssignment(word) }
        guard values.problems.isEmpty else { throw values.failure }
        return values.found
    }

    private mutating func addAssignment(_ assignment: String) async {
        do throws(DeployError) {
            let named = try ValueReference(assignment, isSecret: kind == .secret)
            if let value = try await value(of: named) { return add(named.name, value, at: named.location) }
            if !named.isOptional { problems.append(missing(named)) }
        } catch {
            problems.append(error)
        }
    }

    /// A secret that somebody types is not shown.
    private func value(of named: ValueReference) async throws(DeployError) -> Secret? {
        guard kind == .secret, named.location == .standardInput, environment.canAsk else {
            return try await ValueReader(environment).value(of: named)
        }
        let typed = await Prompt(environment).readHidden("\(named.name) (it is not shown)")
        return typed.flatMap { $0.isEmpty ? nil : Secret(exactly: $0) }
    }

    private mutating func addEntries(file: String) async {
        do throws(DeployError) {
            let holder = ValueReference("the file", at: file == "-" ? .standardInput : .file(file))
            guard let text = try await ValueReader(environment).value(of: holder) else {
                return problems.append(
                    DeployError(
                        .settings, "there is no file \(file.withoutTokens), or nothing in it",
                        hint: "it holds NAME=value, a line each; - is standard input"))
            }
            addEntries(EnvFile(text.reveal()), of: file == "-" ? "standard input" : file)
        } catch {
            problems.append(error)
        }
    }

    private mutating func addEntries(_ file: EnvFile, of name: String) {
        for line in file.invalidLines {
            problems.append(
                DeployError(.settings, "\(name) line \(line) is no NAME=value", hint: "# makes it a comment"))
        }
        for entry in file.entries {
            guard ValueReference.isValidName(entry.name) else {
                problems.append(
                    DeployError(
                        .settings, "\(name) line \(entry.line): \(entry.name) is no name that the Hub takes",
                        hint: "a name has letters, digits and _, and begins with a letter"))
                continue
            }
            if let value = entry.value ?? environment[entry.name].map({ Secret(exactly: $0) }) {
                let place = entry.value == nil ? ValueReference.Location.environment(entry.name) : .file(name)
                add(entry.name, value, at: place)
            } else {
                problems.append(
                    DeployError(
                        .settings,
                        "\(name) line \(entry.line): \(entry.name) has no value there, nor in the environment",
                        hint: "write \(entry.name)=value, or set it"))
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

    private func missing(_ named: ValueReference) -> DeployError {
        let (place, mend): (String, String) =
            switch named.location {
            case .environment(let name):
                (
                    "the environment has no \(name.withoutTokens)",
                    "set it, or name where it is: \(named.name)=file:PATH"
                )
            case .file(let path):
                ("there is nothing in \(path.withoutTokens)", "write it there, and nothing else")
            case .standardInput: ("nothing came on standard input", "pipe it in: printf %s … | spacesync …")
            case .literal: ("it is empty", "write \(named.name)=value")
            }
        return DeployError(.settings, "\(kind.rawValue) \(named.name) has no value: \(place)", hint: mend)
    }

    private var failure: DeployError {
        guard problems.count > 1, var whole = problems.first else {
            return problems.first ?? DeployError(.settings, "nothing is given")
        }
        whole.message = "\(problems.count) of the \(kind.rawValue)s cannot be set"
        whole.details = problems.map(\.message)
        var hints: [String] = []
        for hint in problems.compactMap(\.hint) where !hints.contains(hint) { hints.append(hint) }
        whole.hint = hints.joined(separator: "\n")
        return whole
    }
}
