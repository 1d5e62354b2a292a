import TextTools

/// Parsing and validation of the card in a README, as on the Hub (hub-api.md 2.4 and 5).
enum CardRules {
    /// Returns the text of the front matter; `nil` if the README has none.
    static func frontMatter(of readme: String) -> Substring? {
        let text = readme.drop { $0.isWhitespace || $0 == "\u{feff}" }
        var lines = text.split(omittingEmptySubsequences: false) { $0.isNewline }[...]
        guard let first = lines.popFirst(), trimmingEnd(first) == "---" else { return nil }
        guard let end = lines.firstIndex(where: { trimmingEnd($0) == "---" }), let start = lines.first else {
            return nil
        }
        return end == lines.startIndex ? "" : text[start.startIndex..<lines[end - 1].endIndex]
    }

    /// Returns the card; `nil` if the README has none, or if it is not a YAML mapping.
    static func card(of readme: String) -> JSON? {
        guard let text = frontMatter(of: readme), let card = try? YAML.parse(text), card.object != nil else {
            return nil
        }
        return card
    }

    /// Returns all validation errors, worded as by Joi, the Hub's validation library. Empty if the
    /// card is valid or the README has none.
    static func errors(in readme: String) -> [String] {
        guard let text = frontMatter(of: readme) else { return [] }
        do {
            let card = try YAML.parse(text)
            if card.isNull { return [] }
            guard card.object != nil else { return ["\"value\" must be of type object"] }
            return errors(in: card)
        } catch {
            return ["YAML: \(error.message)"]
        }
    }

    private static func errors(in card: JSON) -> [String] {
        choices.compactMap { key, allowed in oneOf(card[key], key, allowed) }
            + texts.compactMap { text(card[$0], $0) }
            + ["pinned", "fullWidth", "hf_oauth", "disable_embedding"].compactMap { flag(card[$0], $0) }
            + ["tags", "models", "datasets", "preload_from_hub", "hf_oauth_scopes"].compactMap {
                list(card[$0], $0)
            }
            + [port(card["app_port"]), length(card["short_description"]), basePath(card["base_path"])]
            .compactMap { $0 } + minutes(card["hf_oauth_expiration_minutes"])
            + headers(card["custom_headers"])
    }

    private static func minutes(_ value: JSON) -> [String] {
        guard !value.isNull else { return [] }
        let key = "hf_oauth_expiration_minutes"
        guard let number = value.int else { return ["\"\(key)\" must be a number"] }
        return (1...43_200).contains(number) ? [] : [outOfRange(key, 1...43_200, number)]
    }

    private static func headers(_ value: JSON) -> [String] {
        guard !value.isNull else { return [] }
        guard let headers = value.object else { return ["\"custom_headers\" must be of type object"] }
        return headers.compactMap { name, value in
            let allowed = policies.first { name == "cross-origin-\($0.0)-policy" }?.1
            guard let allowed else { return "\"custom_headers.\(name)\" is not allowed" }
            return oneOf(value, "custom_headers.\(name)", allowed)
        }
    }

    private static func outOfRange(_ key: String, _ range: ClosedRange<Int>, _ number: Int) -> String {
        number < range.lowerBound
            ? "\"\(key)\" must be greater than or equal to \(range.lowerBound)"
            : "\"\(key)\" must be less than or equal to \(range.upperBound)"
    }

    private static let policies: [(String, [String])] = [
        ("embedder", ["unsafe-none", "require-corp", "credentialless"]),
        ("opener", ["same-origin", "same-origin-allow-popups", "unsafe-none"]),
        ("resource", ["same-site", "same-origin", "cross-origin"]),
    ]

    private static func oneOf(_ value: JSON, _ key: String, _ allowed: [String]) -> String? {
        if value.isNull || allowed.contains(value.string ?? value.text) { return nil }
        return "\"\(key)\" must be one of [\(allowed.joined(separator: ", "))]"
    }

    private static func text(_ value: JSON, _ key: String) -> String? {
        value.isNull || value.string != nil || value.number != nil ? nil : "\"\(key)\" must be a string"
    }

    private static func flag(_ value: JSON, _ key: String) -> String? {
        value.isNull || value.bool != nil ? nil : "\"\(key)\" must be a boolean"
    }

    private static func list(_ value: JSON, _ key: String) -> String? {
        value.isNull || value.array != nil ? nil : "\"\(key)\" must be an array"
    }

    private static func port(_ value: JSON) -> String? {
        guard !value.isNull else { return nil }
        guard let port = value.int ?? value.string.flatMap(Int.init) else {
            return "\"app_port\" must be a number"
        }
        return (1...65_535).contains(port) ? nil : outOfRange("app_port", 1...65_535, port)
    }

    private static func length(_ value: JSON) -> String? {
        (value.string ?? "").utf16.count <= 60
            ? nil : "\"short_description\" length must be less than or equal to 60 characters long"
    }

    private static func basePath(_ value: JSON) -> String? {
        value.isNull || value.string?.hasPrefix("/") == true ? nil : "\"base_path\" must start with \"/\""
    }

    private static let texts = [
        "title", "emoji", "sdk_version", "python_version", "app_file", "app_build_command",
        "short_description",
        "thumbnail", "startup_duration_timeout", "suggested_hardware",
    ]
    private static let colors = ["red", "yellow", "green", "blue", "indigo", "purple", "pink", "gray"]
    private static let choices: [(String, [String])] = [
        ("colorFrom", colors), ("colorTo", colors), ("sdk", ["gradio", "docker", "static"]),
        ("header", ["mini", "default"]), ("suggested_storage", ["small", "medium", "large"]),
        ("license", licenses),
    ]
}

/// Returns a line without white space at its end.
private func trimmingEnd(_ line: Substring) -> Substring {
    line.lastIndex { !$0.isWhitespace }.map { line[...$0] } ?? ""
}

extension CardRules {
    /// Licence ids that the Hub accepts (https://huggingface.co/docs/hub/repositories-licenses,
    /// 2026). The deployer has a separate list; a test compares the two lists.
    static let licenses =
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
