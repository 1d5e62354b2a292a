import DeploySettings
import FrontMatter
import SpacesModel
import TextTools

/// Asks the Hub for its verdict, once in a run: a plan that is made again asks nothing again.
package actor CardValidator {
    private let requestValidation: @Sendable ([UInt8]) async throws(DeployError) -> CardValidation
    private var hasRequested = false
    private var cachedValidation: CardValidation?

    /// - Parameter ask: takes a whole README.
    package init(
        _ requestValidation: @escaping @Sendable ([UInt8]) async throws(DeployError) -> CardValidation
    ) { self.requestValidation = requestValidation }

    /// nil when it gave no verdict: a courtesy that is down ends no deploy. What it said once, it says again.
    func validation(on readme: [UInt8]) async -> CardValidation? {
        guard !hasRequested else { return cachedValidation }
        hasRequested = true
        cachedValidation = try? await requestValidation(readme)
        return cachedValidation
    }
}

extension Deployer {
    /// What the Hub says of a README that would change; nothing of a tree that is refused already.
    func hubCardFindings(
        _ composition: ComposedTree, over space: ObjectID?
    ) async throws(DeployError) -> [Finding] {
        guard let judge = options.cardValidator,
            !composition.findings.contains(where: { $0.severity == .error }),
            let readme = try await store.readme(in: composition.tree), await store.contains(readme)
        else { return [] }
        if let space, try await store.readme(in: space) == readme { return [] }
        let text = try await store.content(of: readme)
        guard let verdict = await judge.validation(on: text) else { return [] }
        return verdict.findings(on: Card.read(text), isComposed: !target.pushesHistory)
    }
}

extension CardValidation {
    fileprivate func findings(on card: CardDocument, isComposed: Bool) -> [Finding] {
        func finding(_ severity: Finding.Severity, _ message: String) -> Finding {
            let key = Self.key(in: message)
            let (message, choice) = Self.shortened(message, card.value(of: key ?? ""))
            let mend = isComposed ? ", or set the key: card = \(key ?? "KEY"): VALUE" : " in the source"
            var finding = Finding(
                severity, "README.md", line: key.flatMap { card.line(of: $0) }, .card, message,
                fix: choice + "the Hub's own check says so; mend the front matter" + mend)
            finding.isFromHub = true
            return finding
        }
        return errors.map { finding(.error, $0) } + warnings.map { finding(.warning, $0) }
    }

    /// A list that is too long to be read, by its beginning; and before what to do, which of it is meant.
    private static func shortened(_ message: String, _ value: String?) -> (words: String, choice: String) {
        guard let start = message.firstRange(of: "must be one of ["), message.hasSuffix("]") else {
            return (message, "")
        }
        let values = message[start.upperBound...].dropLast().split(separator: ", ").map { String($0) }
        guard values.count > 12 else { return (message, "") }
        let shown = values.prefix(5).joined(separator: ", ")
        let near = nearest(value ?? "", among: values).map { "did you mean \($0)? " } ?? ""
        let list = message.hasPrefix("\"license\"") ? "see \(Self.licenses); " : ""
        return ("\(message[..<start.upperBound])\(shown), … \(values.count - 5) more]", near + list)
    }

    private static let licenses = "https://huggingface.co/docs/hub/repositories-licenses"

    /// `"colorFrom" must be …` is about colorFrom.
    private static func key(in message: String) -> String? {
        guard message.hasPrefix("\"") else { return nil }
        let name = message.dropFirst().prefix { $0 != "\"" && $0 != "." && $0 != "[" }
        return name.isEmpty ? nil : String(name)
    }
}
