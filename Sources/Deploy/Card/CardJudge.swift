import DeploySettings
import FrontMatter
import SpacesModel
import TextTools

/// Asks the Hub for its verdict, once in a run: a plan that is made again asks nothing again.
package actor CardJudge {
    private let ask: @Sendable ([UInt8]) async throws(Failure) -> CardVerdict
    private var wasAsked = false
    private var said: CardVerdict?

    /// - Parameter ask: takes a whole README.
    package init(_ ask: @escaping @Sendable ([UInt8]) async throws(Failure) -> CardVerdict) { self.ask = ask }

    /// nil when it gave no verdict: a courtesy that is down ends no deploy. What it said once, it says again.
    func verdict(on readme: [UInt8]) async -> CardVerdict? {
        guard !wasAsked else { return said }
        wasAsked = true
        said = try? await ask(readme)
        return said
    }
}

extension Deployment {
    /// What the Hub says of a README that would change; nothing of a tree that is refused already.
    func judged(
        _ composition: Composition, over space: ObjectID?
    ) async throws(Failure) -> [Finding] {
        guard let judge = options.judge, !composition.findings.contains(where: { $0.severity == .error }),
            let readme = try await store.readme(in: composition.tree), await store.holds(readme)
        else { return [] }
        if let space, try await store.readme(in: space) == readme { return [] }
        let text = try await store.content(of: readme)
        guard let verdict = await judge.verdict(on: text) else { return [] }
        return verdict.findings(on: Card.read(text), isComposed: !target.sendsHistory)
    }
}

extension CardVerdict {
    fileprivate func findings(on card: CardDocument, isComposed: Bool) -> [Finding] {
        func finding(_ severity: Finding.Severity, _ words: String) -> Finding {
            let key = Self.key(in: words)
            let (words, choice) = Self.shortened(words, card.value(of: key ?? ""))
            let mend = isComposed ? ", or set the key: card = \(key ?? "KEY"): VALUE" : " in the source"
            var finding = Finding(
                severity, "README.md", line: key.flatMap { card.line(of: $0) }, .card, words,
                mend: choice + "the Hub's own check says so; mend the front matter" + mend)
            finding.isOfHub = true
            return finding
        }
        return errors.map { finding(.error, $0) } + warnings.map { finding(.warning, $0) }
    }

    /// A list that is too long to be read, by its beginning; and before what to do, which of it is meant.
    private static func shortened(_ words: String, _ value: String?) -> (words: String, choice: String) {
        guard let start = words.firstRange(of: "must be one of ["), words.hasSuffix("]") else {
            return (words, "")
        }
        let values = words[start.upperBound...].dropLast().split(separator: ", ").map { String($0) }
        guard values.count > 12 else { return (words, "") }
        let shown = values.prefix(5).joined(separator: ", ")
        let near = nearest(value ?? "", among: values).map { "did you mean \($0)? " } ?? ""
        let list = words.hasPrefix("\"license\"") ? "see \(Self.licenses); " : ""
        return ("\(words[..<start.upperBound])\(shown), … \(values.count - 5) more]", near + list)
    }

    private static let licenses = "https://huggingface.co/docs/hub/repositories-licenses"

    /// `"colorFrom" must be …` is about colorFrom.
    private static func key(in words: String) -> String? {
        guard words.hasPrefix("\"") else { return nil }
        let name = words.dropFirst().prefix { $0 != "\"" && $0 != "." && $0 != "[" }
        return name.isEmpty ? nil : String(name)
    }
}
