import FrontMatter
import TextTools

extension CardDocument {
    /// All that is wrong with the card: what makes it unreadable, else the values that the Hub would refuse, in its own
    /// words (hub-api 2.4 and 5). Keys that it does not know are no problem to it.
    package func problems() -> [CardProblem] {
        guard broken.isEmpty else { return broken }
        return keys.flatMap { key in
            guard let rule = CardRule.known[key], let node = node(of: key) else { return [CardProblem]() }
            return rule.refusals(of: node, named: key).map { CardProblem(line: line(of: key), key: key, $0) }
        }
    }

    /// What the Hub may refuse by lists that grow, or by rules that nobody has written down.
    package func doubts() -> [CardProblem] {
        guard broken.isEmpty else { return [] }
        return ["license", "emoji"].compactMap { key in
            guard let text = node(of: key)?.scalar?.text, !text.isEmpty else { return nil }
            return (key == "license" ? licenseDoubt(text) : emojiDoubt(text)).map {
                CardProblem(line: line(of: key), key: key, $0)
            }
        }
    }

    private func licenseDoubt(_ text: String) -> String? {
        guard !Card.licenses.contains(text) else { return nil }
        let near = nearest(text, among: Card.licenses).map { " (did you mean \($0)?)" } ?? ""
        return "license: \(text) is no licence id that is known here\(near)"
    }

    private func emojiDoubt(_ text: String) -> String? {
        let isEmoji = text.unicodeScalars.contains { $0.properties.isEmoji && $0.value > 0xff }
        return isEmoji && text.count == 1
            ? nil : "emoji: \(text) is not one emoji, which is all that the Hub shows"
    }
}

extension Card {
    /// The keys that the Hub documents for Spaces.
    package static let knownKeys: [String] = CardRule.known.keys.sorted()
    package static let colors = ["red", "yellow", "green", "blue", "indigo", "purple", "pink", "gray"]
    package static let sdks = ["gradio", "docker", "static"]
}

/// What the Hub lets a key of the card hold.
enum CardRule: Sendable {
    case text
    case texts
    case shortText(Int)
    case oneOf([String])
    case bool
    case integer(ClosedRange<Int>)
    case path
    /// Response headers, each with the values that it may have.
    case headers([String: [String]])
    /// Checked by the Hub against a list that we do not have.
    case free

    /// What the Hub would say; nothing when the value is good.
    func refusals(of node: YAMLNode, named key: String) -> [String] {
        if case .headers(let allowed) = self { return Self.headerRefusals(of: node, named: key, allowed) }
        return [refusal(of: node).map { "\"\(key)\" \($0)" }].compactMap { $0 }
    }

    private static func headerRefusals(
        of node: YAMLNode, named key: String, _ allowed: [String: [String]]
    ) -> [String] {
        guard case .mapping(let pairs, _) = node else { return ["\"\(key)\" must be of type object"] }
        return pairs.compactMap { pair in
            let name = pair.key.scalar?.text ?? ""
            guard let values = allowed[name] else { return "\"\(key).\(name)\" is not allowed" }
            return CardRule.oneOf(values).refusal(of: pair.value).map { "\"\(key).\(name)\" \($0)" }
        }
    }

    private func refusal(of node: YAMLNode) -> String? {
        switch self {
        case .free, .headers: nil
        case .text: node.isText ? nil : "must be a string"
        case .texts: node.isTexts ? nil : "must be an array"
        case .shortText(let limit): node.isText ? tooLong(node, limit) : "must be a string"
        case .oneOf(let values):
            values.contains(node.scalar?.text ?? "")
                ? nil : "must be one of [\(values.joined(separator: ", "))]"
        case .bool: node.scalar?.isTruth ?? false ? nil : "must be a boolean"
        case .integer(let range): outOf(range, node)
        case .path: node.scalar?.text.utf8.first == .slash ? nil : "must start with \"/\""
        }
    }

    private func tooLong(_ node: YAMLNode, _ limit: Int) -> String? {
        // The Hub counts as JavaScript does.
        let length = node.scalar?.text.utf16.count ?? 0
        return length > limit ? "length must be less than or equal to \(limit) characters long" : nil
    }

    private func outOf(_ range: ClosedRange<Int>, _ node: YAMLNode) -> String? {
        guard let number = node.scalar?.number else { return "must be a number" }
        if number < range.lowerBound { return "must be greater than or equal to \(range.lowerBound)" }
        return number > range.upperBound ? "must be less than or equal to \(range.upperBound)" : nil
    }

    private static let headers = [
        "cross-origin-embedder-policy": ["unsafe-none", "require-corp", "credentialless"],
        "cross-origin-opener-policy": ["same-origin", "same-origin-allow-popups", "unsafe-none"],
        "cross-origin-resource-policy": ["same-site", "same-origin", "cross-origin"],
    ]

    static let known: [String: CardRule] = [
        "title": .text, "emoji": .text, "colorFrom": .oneOf(Card.colors), "colorTo": .oneOf(Card.colors),
        "sdk": .oneOf(Card.sdks), "sdk_version": .free, "python_version": .free, "app_file": .text,
        "app_build_command": .text, "app_port": .integer(1...65_535), "base_path": .path, "fullWidth": .bool,
        "header": .oneOf(["mini", "default"]), "short_description": .shortText(60), "models": .texts,
        "datasets": .texts, "tags": .texts, "thumbnail": .text, "pinned": .bool, "hf_oauth": .bool,
        "hf_oauth_scopes": .texts, "hf_oauth_expiration_minutes": .integer(1...43_200),
        "hf_oauth_authorized_org": .free, "disable_embedding": .bool, "startup_duration_timeout": .free,
        "custom_headers": .headers(headers), "preload_from_hub": .texts, "suggested_hardware": .text,
        "suggested_storage": .oneOf(["small", "medium", "large"]), "license": .free, "license_name": .text,
        "license_link": .text, "duplicated_from": .text, "metaTitle": .text, "description": .text,
    ]
}

extension YAMLNode {
    /// A single value, numbers too: a title may be `2048`.
    fileprivate var isText: Bool { scalar.map { !$0.isNull } ?? isAlias }
    fileprivate var isTexts: Bool {
        if case .sequence = self { true } else { isAlias }
    }
    private var isAlias: Bool {
        if case .alias = self { true } else { false }
    }
}

extension YAMLScalar {
    /// A truth value; quoted ones count, since the Hub's checks convert them.
    fileprivate var isTruth: Bool {
        bool != nil || isString && ["true", "false"].contains(text.lowercased())
    }
    /// A whole number; quoted ones count, since the Hub's checks convert them.
    fileprivate var number: Int? { integer ?? (isString ? Int(text) : nil) }
}
