import FrontMatter
import TextTools

extension CardDocument {
    /// Returns the errors of the card: its syntax errors if there are any, otherwise the values
    /// that the Hub would refuse, with the Hub's messages (hub-api.md 2.4 and 5). Unknown keys are
    /// allowed.
    package func problems() -> [CardError] {
        guard syntaxErrors.isEmpty else { return syntaxErrors }
        return keys.flatMap { key in
            guard let rule = CardRule.known[key], let node = node(of: key) else { return [CardError]() }
            return rule.violations(of: node, named: key).map { CardError(line: line(of: key), key: key, $0) }
        }
    }

    /// Returns values that the Hub may refuse because of growing lists or undocumented rules.
    package func warnings() -> [CardError] {
        guard syntaxErrors.isEmpty else { return [] }
        return ["license", "emoji"].compactMap { key in
            guard let text = node(of: key)?.scalar?.text, !text.isEmpty else { return nil }
            return (key == "license" ? licenseWarning(text) : emojiWarning(text)).map {
                CardError(line: line(of: key), key: key, $0)
            }
        }
    }

    private func licenseWarning(_ text: String) -> String? {
        guard !Card.licenses.contains(text) else { return nil }
        let suggestion = nearest(text, among: Card.licenses).map { " (did you mean \($0)?)" } ?? ""
        return "license: unknown licence id \"\(text)\"\(suggestion)"
    }

    private func emojiWarning(_ text: String) -> String? {
        let isEmoji = text.unicodeScalars.contains { $0.properties.isEmoji && $0.value > 0xff }
        return isEmoji && text.count == 1
            ? nil : "emoji: \"\(text)\" is not a single emoji; the Hub shows exactly one"
    }
}

extension Card {
    /// The keys that the Hub documents for Spaces.
    package static let knownKeys: [String] = CardRule.known.keys.sorted()
    package static let colors = ["red", "yellow", "green", "blue", "indigo", "purple", "pink", "gray"]
    package static let sdks = ["gradio", "docker", "static"]

    /// Licence ids of the Hub as of 2026 (https://huggingface.co/docs/hub/repositories-licenses).
    /// The Hub extends the list.
    package static let licenses =
        """
        apache-2.0 mit openrail bigscience-openrail-m creativeml-openrail-m bigscience-bloom-rail-1.0 \
        bigcode-openrail-m afl-3.0 artistic-2.0 bsl-1.0 bsd bsd-2-clause bsd-3-clause bsd-3-clause-clear c-uda cc \
        cc0-1.0 cc-by-2.0 cc-by-2.5 cc-by-3.0 cc-by-4.0 cc-by-sa-3.0 cc-by-sa-4.0 cc-by-nc-2.0 cc-by-nc-3.0 \
        cc-by-nc-4.0 cc-by-nd-4.0 cc-by-nc-nd-3.0 cc-by-nc-nd-4.0 cc-by-nc-sa-2.0 cc-by-nc-sa-3.0 \
        cc-by-nc-sa-4.0 cdla-sharing-1.0 cdla-permissive-1.0 cdla-permissive-2.0 wtfpl ecl-2.0 epl-1.0 epl-2.0 \
        etalab-2.0 eupl-1.1 eupl-1.2 agpl-3.0 gfdl gpl gpl-2.0 gpl-3.0 lgpl lgpl-2.1 lgpl-3.0 isc h-research \
        intel-research lppl-1.3c ms-pl apple-ascl apple-amlr mpl-2.0 odc-by odbl openmdw-1.0 openrail++ osl-3.0 \
        postgresql ofl-1.1 ncsa unlicense zlib pddl lgpl-lr deepfloyd-if-license \
        fair-noncommercial-research-license llama2 llama3 llama3.1 llama3.2 llama3.3 llama4 grok2-community gemma \
        unknown other
        """.split(separator: " ").map(String.init)
}

/// The values that the Hub allows for a key of the card.
enum CardRule: Sendable {
    case text
    case textList
    case shortText(Int)
    case oneOf([String])
    case bool
    case integer(ClosedRange<Int>)
    case path
    /// Response headers, each with its allowed values.
    case headers([String: [String]])
    /// Checked by the Hub against a list that is not public.
    case unchecked

    /// Returns the Hub's messages for invalid values; empty if the value is valid.
    func violations(of node: YAMLNode, named key: String) -> [String] {
        if case .headers(let allowed) = self { return Self.headerViolations(of: node, named: key, allowed) }
        return [violation(of: node).map { "\"\(key)\" \($0)" }].compactMap { $0 }
    }

    private static func headerViolations(
        of node: YAMLNode, named key: String, _ allowed: [String: [String]]
    ) -> [String] {
        guard case .mapping(let pairs, _) = node else { return ["\"\(key)\" must be of type object"] }
        return pairs.compactMap { pair in
            let name = pair.key.scalar?.text ?? ""
            guard let values = allowed[name] else { return "\"\(key).\(name)\" is not allowed" }
            return CardRule.oneOf(values).violation(of: pair.value).map { "\"\(key).\(name)\" \($0)" }
        }
    }

    private func violation(of node: YAMLNode) -> String? {
        switch self {
        case .unchecked, .headers: nil
        case .text: node.isText ? nil : "must be a string"
        case .textList: node.isTextList ? nil : "must be an array"
        case .shortText(let limit): node.isText ? lengthViolation(node, limit) : "must be a string"
        case .oneOf(let values):
            values.contains(node.scalar?.text ?? "")
                ? nil : "must be one of [\(values.joined(separator: ", "))]"
        case .bool: node.scalar?.isBool ?? false ? nil : "must be a boolean"
        case .integer(let range): rangeViolation(range, node)
        case .path: node.scalar?.text.utf8.first == .slash ? nil : "must start with \"/\""
        }
    }

    private func lengthViolation(_ node: YAMLNode, _ limit: Int) -> String? {
        // The Hub counts UTF-16 code units, as JavaScript does.
        let length = node.scalar?.text.utf16.count ?? 0
        return length > limit ? "length must be less than or equal to \(limit) characters long" : nil
    }

    private func rangeViolation(_ range: ClosedRange<Int>, _ node: YAMLNode) -> String? {
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
        "sdk": .oneOf(Card.sdks), "sdk_version": .unchecked, "python_version": .unchecked, "app_file": .text,
        "app_build_command": .text, "app_port": .integer(1...65_535), "base_path": .path, "fullWidth": .bool,
        "header": .oneOf(["mini", "default"]), "short_description": .shortText(60), "models": .textList,
        "datasets": .textList, "tags": .textList, "thumbnail": .text, "pinned": .bool, "hf_oauth": .bool,
        "hf_oauth_scopes": .textList, "hf_oauth_expiration_minutes": .integer(1...43_200),
        "hf_oauth_authorized_org": .unchecked, "disable_embedding": .bool,
        "startup_duration_timeout": .unchecked,
        "custom_headers": .headers(headers), "preload_from_hub": .textList, "suggested_hardware": .text,
        "suggested_storage": .oneOf(["small", "medium", "large"]), "license": .unchecked,
        "license_name": .text,
        "license_link": .text, "duplicated_from": .text, "metaTitle": .text, "description": .text,
    ]
}

extension YAMLNode {
    /// Whether the node is a single value, including numbers: a title may be `2048`.
    fileprivate var isText: Bool { scalar.map { !$0.isNull } ?? isAlias }
    fileprivate var isTextList: Bool {
        if case .sequence = self { true } else { isAlias }
    }
    private var isAlias: Bool {
        if case .alias = self { true } else { false }
    }
}

extension YAMLScalar {
    /// Whether the scalar is a Boolean; quoted values count, because the Hub's validation converts
    /// them.
    fileprivate var isBool: Bool {
        bool != nil || isString && ["true", "false"].contains(text.lowercased())
    }
    /// The scalar as an integer; quoted values count, because the Hub's validation converts them.
    fileprivate var number: Int? { integer ?? (isString ? Int(text) : nil) }
}
