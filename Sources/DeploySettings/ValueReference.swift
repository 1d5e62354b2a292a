import SpacesModel
import TextTools

/// A variable or secret of a Space, and where its value is to be found: `NAME=value`, `NAME=env:X`, `NAME=file:P`,
/// `NAME=-` (standard input), `NAME` alone (the environment's of that name); `NAME?` may be without one.
package struct ValueReference: Hashable, Sendable {
    package enum Location: Hashable, Sendable {
        case literal(String)
        case environment(String)
        case file(String)
        case standardInput
    }

    package var name: String
    package var location: Location
    /// No value in reach is no fault.
    package var isOptional: Bool

    package init(_ name: String, at location: Location, isOptional: Bool = false) {
        (self.name, self.location, self.isOptional) = (name, location, isOptional)
    }

    /// - Throws: kind `settings` for what is none, without showing a value that may be secret.
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

    /// What the Hub takes: `^[a-zA-Z][_a-zA-Z0-9]*$` (hub-api.md 4.6).
    package static func isValidName(_ name: some StringProtocol) -> Bool {
        name.utf8.first?.isLetter == true && name.utf8.allSatisfy { $0.isWord }
    }

    /// Of this machine's environment.
    private static func isVariableName(_ name: some StringProtocol) -> Bool {
        name.utf8.first.map { $0.isWord && !$0.isDigit } == true && name.utf8.allSatisfy { $0.isWord }
    }

    /// What stands where a name should may be a secret's value.
    private static func shown(_ name: String) -> String {
        guard !name.isEmpty else { return "an empty text" }
        return name.utf8.count <= 24 && !name.utf8.contains { $0 < 32 } ? "\u{201C}\(name)\u{201D}" : "a text"
    }
}

extension ValueReference.Location {
    /// Names that say what a value is: of the variable, and of the place where its value was found.
    package func names(of variable: String) -> [String] {
        switch self {
        case .literal: []
        case .environment(let source): [source, variable]
        case .file(let path): [String(path.split(separator: "/").last ?? ""), variable]
        case .standardInput: [variable]
        }
    }
}
