import FrontMatter
import SpacesModel
import TextTools

/// Validates a card with the Hub's validate-yaml endpoint, once per run: retries of the plan use
/// the cached result.
package actor CardValidator {
    private let requestValidation: @Sendable ([UInt8]) async throws(DeployError) -> CardValidation
    private var hasRequested = false
    private var cachedValidation: CardValidation?

    /// - Parameter requestValidation: receives a complete README.
    package init(
        _ requestValidation: @escaping @Sendable ([UInt8]) async throws(DeployError) -> CardValidation
    ) { self.requestValidation = requestValidation }

    /// Returns the Hub's validation, cached after the first request; `nil` if the request failed,
    /// because a failed validation must not stop a deploy.
    func validation(on readme: [UInt8]) async -> CardValidation? {
        guard !hasRequested else { return cachedValidation }
        hasRequested = true
        cachedValidation = try? await requestValidation(readme)
        return cachedValidation
    }

    /// Returns the Hub's findings on a README that would change; empty if the tree has errors already.
    /// - Parameter isComposed: whether the card is composed, so that settings can change it.
    nonisolated func findings(
        on composition: ComposedTree, over space: ObjectID?, in objects: any ObjectDatabase, isComposed: Bool
    ) async throws(DeployError) -> [Finding] {
        guard !composition.findings.contains(where: { $0.severity == .error }),
            let readme = try await objects.readme(in: composition.tree), await objects.contains(readme)
        else { return [] }
        if let space, try await objects.readme(in: space) == readme { return [] }
        let text = try await objects.content(of: readme)
        guard let validation = await validation(on: text) else { return [] }
        return validation.findings(on: Card.read(text), isComposed: isComposed)
    }
}

extension CardValidation {
    fileprivate func findings(on card: CardDocument, isComposed: Bool) -> [Finding] {
        func finding(_ severity: Finding.Severity, _ message: String) -> Finding {
            let key = Self.key(in: message)
            let (message, suggestion) = Self.shortened(message, card.value(of: key ?? ""))
            let keyFix = isComposed ? ", or set the key: card = \(key ?? "KEY"): VALUE" : " in the source"
            var finding = Finding(
                severity, "README.md", line: key.flatMap { card.line(of: $0) }, .card, message,
                fix: suggestion + "the Hub reports this; fix the front matter" + keyFix)
            finding.isFromHub = true
            return finding
        }
        return errors.map { finding(.error, $0) } + warnings.map { finding(.warning, $0) }
    }

    /// Returns the message with long lists of values truncated, and a suggestion (nearest value or
    /// link) for the fix.
    private static func shortened(_ message: String, _ value: String?) -> (
        message: String, suggestion: String
    ) {
        guard let start = message.firstRange(of: "must be one of ["), message.hasSuffix("]") else {
            return (message, "")
        }
        let values = message[start.upperBound...].dropLast().split(separator: ", ").map { String($0) }
        guard values.count > 12 else { return (message, "") }
        let shown = values.prefix(5).joined(separator: ", ")
        let nearestValue = nearest(value ?? "", among: values).map { "did you mean \($0)? " } ?? ""
        let listLink = message.hasPrefix("\"license\"") ? "see \(Self.licenses); " : ""
        return (
            "\(message[..<start.upperBound])\(shown), … \(values.count - 5) more]", nearestValue + listLink
        )
    }

    private static let licenses = "https://huggingface.co/docs/hub/repositories-licenses"

    /// Returns the key that a message is about: `colorFrom` of `"colorFrom" must be …`.
    private static func key(in message: String) -> String? {
        guard message.hasPrefix("\"") else { return nil }
        let name = message.dropFirst().prefix { $0 != "\"" && $0 != "." && $0 != "[" }
        return name.isEmpty ? nil : String(name)
    }
}
