import SpacesModel
import TextTools

/// A reference to the value of a variable or secret of a Space: `NAME=value`, `NAME=env:X`,
/// `NAME=file:P`, `NAME=-` (standard input) or `NAME` alone (the environment variable of that
/// name). `NAME?` is optional.
package struct ValueReference: Hashable, Sendable {
    package enum Location: Hashable, Sendable {
        case literal(String)
        case environment(String)
        case file(String)
        case standardInput
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
                .settings, "\(Self.shown(name)) is no name of a \(isSecret ? "secret" : "variable")",
                hint: "a name has letters, digits and _, and begins with a letter")
        }
        location = halves.count == 2 ? Self.parseLocation(halves[1]) : .environment(name)
        guard isSecret, case .literal = location else { return }
        throw DeployError(
            .settings, "secret \(name) has its value written out",
            hint:
                "name where it is: \(name)=env:VARIABLE or \(name)=file:PATH (\(name) alone: the environment's)"
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
        guard !name.isEmpty else { return "an empty text" }
        return name.utf8.count <= 24 && !name.utf8.contains { $0 < 32 } ? "\u{201C}\(name)\u{201D}" : "a text"
    }
}

extension ValueReference.Location {
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
