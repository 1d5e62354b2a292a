import SpacesModel
import TextTools

/// A mapping `FROM:TO` of a source path to a Space path, both relative to the root.
package struct Mapping: Hashable, Sendable, CustomStringConvertible {
    package var from: Path
    package var to: Path
    /// Whether TO ends with a slash: FROM is placed inside TO (a file under its own name).
    package var intoDirectory: Bool
    package let description: String

    /// Parses the value of `map` or `add`.
    init(_ value: SettingInput) throws(InvalidValue) {
        let halves = value.text.split(separator: ":", omittingEmptySubsequences: false)
        guard halves.count == 2, !halves.contains(where: \.isEmpty), let from = Path(tidy: halves[0]),
            let to = Path(tidy: halves[1])
        else {
            throw InvalidValue(
                "is not a valid FROM:TO with paths inside the tree",
                hint: "use hf/:/ or config.hf.yaml:config.yaml")
        }
        (self.from, self.to, description) = (from, to, value.text)
        intoDirectory = halves[1].hasSuffix("/")
    }

    package init?(_ text: String) {
        let value = SettingInput(key: "map", written: text, origin: .flag("--map"))
        guard let mapping = try? Mapping(value) else { return nil }
        self = mapping
    }

    /// Returns the destination of a path that is relative to FROM; the root path stands for FROM
    /// itself, a file.
    package func destination(of path: Path) -> Path {
        guard path.isRoot else { return to.appending(inside: path) }
        return intoDirectory || to.isRoot ? to.appending(from.name) : to
    }
}

/// A mapping of a source branch to a Space branch, `source:space` like a refspec; either half may
/// be missing.
package struct BranchMapping: Hashable, Sendable {
    package var source: String?
    package var space: String

    package init?(_ text: String) {
        let halves = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map {
            String($0)
        }
        let source = halves.first ?? ""
        let space = halves.count == 2 ? halves[1] : "main"
        self.source = source.isEmpty || source == "HEAD" ? nil : Self.shortName(source)
        self.space = Self.shortName(space.isEmpty ? "main" : space)
        guard Self.isRefName(self.space), self.source.map(Self.isRefName) ?? true else { return nil }
    }

    init(source: String?, space: String) { (self.source, self.space) = (source, space) }

    private static func shortName(_ name: String) -> String {
        name.hasPrefix("refs/heads/") ? String(name.dropFirst("refs/heads/".count)) : name
    }

    /// Returns whether the name is a valid ref name, by those rules of `git check-ref-format` that
    /// a typing error would break.
    private static func isRefName(_ name: String) -> Bool {
        let forbidden: Set<Character> = [" ", "~", "^", ":", "?", "*", "[", "\\"]
        let isPlain = name.unicodeScalars.allSatisfy { $0.value > 32 && $0.value != 127 }
        return isPlain && !name.contains { forbidden.contains($0) } && !name.contains("..")
            && !name.hasPrefix("-") && !name.hasPrefix("/") && !name.hasSuffix("/")
            && !name.hasSuffix(".lock")
    }
}

/// A reference to the value of a variable or secret of a Space: `NAME=value`, `NAME=env:X`,
/// `NAME=file:P`, `NAME=-` (standard input) or `NAME` alone (the environment variable of that
/// name). `NAME?` is optional.
package struct ValueReference: Hashable, Sendable {
    package enum Location: Hashable, Sendable {
        case literal(String)
        case environment(String)
        case file(String)
        case standardInput

        /// Returns the names that may indicate the kind of value: the variable's name and the name of
        /// the environment variable or file it is read from.
        package func names(of variable: String) -> [String] {
            switch self {
            case .literal: []
            case .environment(let source): [source, variable]
            case .file(let path): [String(path.split(separator: "/").last ?? ""), variable]
            case .standardInput: [variable]
            }
        }
    }

    package var name: String
    package var location: Location
    /// Whether a missing value is not an error.
    package var isOptional: Bool

    package init(_ name: String, at location: Location, isOptional: Bool = false) {
        (self.name, self.location, self.isOptional) = (name, location, isOptional)
    }

    /// - Throws: `DeployError` of kind `settings` if the text is not a reference; it does not show
    ///   the value, which may be secret.
    package init(_ text: String, isSecret: Bool) throws(DeployError) {
        let halves = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(
            String.init)
        isOptional = halves[0].hasSuffix("?")
        name = isOptional ? String(halves[0].dropLast()) : halves[0]
        guard Self.isValidName(name) else {
            throw DeployError(
                .settings, "\(Self.shown(name)) is not a valid \(isSecret ? "secret" : "variable") name",
                hint: "use letters, digits and _, starting with a letter")
        }
        location = halves.count == 2 ? Self.parseLocation(halves[1]) : .environment(name)
        guard isSecret, case .literal = location else { return }
        throw DeployError(
            .settings, "secret \(name): a value in plain text is not accepted",
            hint:
                "use \(name)=env:VARIABLE or \(name)=file:PATH, or \(name) alone for the environment variable of that name"
        )
    }

    private static func parseLocation(_ text: String) -> Location {
        if text == "-" { return .standardInput }
        if text.hasPrefix("env:"), isVariableName(text.dropFirst(4)) {
            return .environment(String(text.dropFirst(4)))
        }
        if text.hasPrefix("file:"), text.count > 5 { return .file(String(text.dropFirst(5))) }
        return .literal(text)
    }

    /// Returns whether the Hub accepts the name: `^[a-zA-Z][_a-zA-Z0-9]*$` (hub-api.md 4.6).
    package static func isValidName(_ name: some StringProtocol) -> Bool {
        name.utf8.first?.isLetter == true && name.utf8.allSatisfy { $0.isWord }
    }

    /// Returns whether the name is valid for an environment variable of this machine.
    private static func isVariableName(_ name: some StringProtocol) -> Bool {
        name.utf8.first.map { $0.isWord && !$0.isDigit } == true && name.utf8.allSatisfy { $0.isWord }
    }

    /// Returns the name for an error message, shortened: text in the position of a name may be a
    /// secret value.
    private static func shown(_ name: String) -> String {
        guard !name.isEmpty else { return "an empty string" }
        return name.utf8.count <= 24 && !name.utf8.contains { $0 < 32 }
            ? "\u{201C}\(name)\u{201D}" : "this text"
    }
}

/// The number of the Space's files, or their percentage, that a deploy may remove without `--force`.
package enum DeleteLimit: Hashable, Sendable {
    case count(Int)
    case percent(Int)
    /// Half of the files, or ten if that is more.
    case standard

    package init?(_ text: String) {
        let isPercentage = text.hasSuffix("%")
        guard let number = Int(isPercentage ? String(text.dropLast()) : text), number >= 0 else { return nil }
        guard !isPercentage || number <= 100 else { return nil }
        self = isPercentage ? .percent(number) : .count(number)
    }

    package func allows(_ removed: Int, of total: Int) -> Bool {
        switch self {
        case .count(let limit): removed <= limit
        case .percent(let share): removed * 100 <= total * share
        case .standard: removed <= 10 || removed * 2 <= total
        }
    }
}
