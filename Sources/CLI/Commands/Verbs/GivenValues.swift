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
    var place: NamedValue.Place
}

extension Office {
    /// Warns about files of secrets that other users can read.
    func checkFiles(of secrets: [GivenValue]) {
        for case .file(let path) in secrets.map(\.place) {
            workshop.tokenFiles.check(invocation.world.absolute(path), named: path)
        }
    }
}

/// Variables or secrets that a command line gives, with their values found: `NAME=…` words, `--env-file`. All problems
/// at once, before the Hub is asked anything.
struct GivenValues: Sendable {
    enum Kind: String, Sendable { case variable, secret }

    let world: World
    let kind: Kind
    private var found: [GivenValue] = []
    private var problems: [Failure] = []

    init(_ world: World, _ kind: Kind) { (self.world, self.kind) = (world, kind) }

    /// By name, the last word for each; in the order of their first.
    /// - Throws: kind `settings` with all that is wrong.
    static func read(
        _ kind: Kind, words: [String], files: [String], in world: World
    ) async throws(Failure) -> [GivenValue] {
        var values = GivenValues(world, kind)
        for file in files { await values.take(file: file) }
        for word in words { await values.take(word) }
        guard values.problems.isEmpty else { throw values.failure }
        return values.found
    }

    private mutating func take(_ word: String) async {
        do throws(Failure) {
            let named = try NamedValue(word, isSecret: kind == .secret)
            if let value = try await value(of: named) { return add(named.name, value, at: named.place) }
            if !named.isOptional { problems.append(missing(named)) }
        } catch {
            problems.append(error)
        }
    }

    /// A secret that somebody types is not shown.
    private func value(of named: NamedValue) async throws(Failure) -> Secret? {
        guard kind == .secret, named.place == .input, world.canAsk else {
            return try await ValueReader(world).value(of: named)
        }
        let typed = await Question(world).hidden("\(named.name) (it is not shown)")
        return typed.flatMap { $0.isEmpty ? nil : Secret(exactly: $0) }
    }

    private mutating func take(file: String) async {
        do throws(Failure) {
            let holder = NamedValue("the file", at: file == "-" ? .input : .file(file))
            guard let text = try await ValueReader(world).value(of: holder) else {
                return problems.append(
                    Failure(
                        .settings, "there is no file \(file.withoutTokens), or nothing in it",
                        hint: "it holds NAME=value, a line each; - is standard input"))
            }
            take(EnvFile(text.reveal()), of: file == "-" ? "standard input" : file)
        } catch {
            problems.append(error)
        }
    }

    private mutating func take(_ file: EnvFile, of name: String) {
        for line in file.oddLines {
            problems.append(
                Failure(.settings, "\(name) line \(line) is no NAME=value", hint: "# makes it a comment"))
        }
        for entry in file.entries {
            guard NamedValue.isName(entry.name) else {
                problems.append(
                    Failure(
                        .settings, "\(name) line \(entry.line): \(entry.name) is no name that the Hub takes",
                        hint: "a name has letters, digits and _, and begins with a letter"))
                continue
            }
            if let value = entry.value ?? world[entry.name].map({ Secret(exactly: $0) }) {
                let place = entry.value == nil ? NamedValue.Place.environment(entry.name) : .file(name)
                add(entry.name, value, at: place)
            } else {
                problems.append(
                    Failure(
                        .settings,
                        "\(name) line \(entry.line): \(entry.name) has no value there, nor in the environment",
                        hint: "write \(entry.name)=value, or set it"))
            }
        }
    }

    private mutating func add(_ name: String, _ value: Secret, at place: NamedValue.Place) {
        let given = GivenValue(
            name: name, value: value,
            credential: CredentialValue.kind(of: value.reveal(), named: place.names(of: name)), place: place)
        if let index = found.firstIndex(where: { $0.name == name }) {
            found[index] = given
        } else {
            found.append(given)
        }
    }

    private func missing(_ named: NamedValue) -> Failure {
        let (place, mend): (String, String) =
            switch named.place {
            case .environment(let name):
                (
                    "the environment has no \(name.withoutTokens)",
                    "set it, or name where it is: \(named.name)=file:PATH"
                )
            case .file(let path):
                ("there is nothing in \(path.withoutTokens)", "write it there, and nothing else")
            case .input: ("nothing came on standard input", "pipe it in: printf %s … | spacesync …")
            case .literal: ("it is empty", "write \(named.name)=value")
            }
        return Failure(.settings, "\(kind.rawValue) \(named.name) has no value: \(place)", hint: mend)
    }

    private var failure: Failure {
        guard problems.count > 1, var whole = problems.first else {
            return problems.first ?? Failure(.settings, "nothing is given")
        }
        whole.message = "\(problems.count) of the \(kind.rawValue)s cannot be set"
        whole.details = problems.map(\.message)
        var hints: [String] = []
        for hint in problems.compactMap(\.hint) where !hints.contains(hint) { hints.append(hint) }
        whole.hint = hints.joined(separator: "\n")
        return whole
    }
}
