/// Cards for tests: realistic ones, and random ones of which some are not valid YAML.
enum CardGenerator {
    static func card(_ random: inout some RandomNumberGenerator) -> [UInt8] {
        var keys = [
            "title", "emoji", "sdk", "app_port", "tags", "\"quoted\"", "'k 2'", "custom_headers", "<<", "été",
            "a.b-c",
        ]
        keys.shuffle(using: &random)
        var text = ""
        for key in keys.prefix(Int.random(in: 1...6, using: &random)) {
            text += pick(["", "", "", "\n", "# comment: [\n"], &random)
            let first = text.isEmpty || !text.contains("base:") ? "" : "*base"
            text +=
                key == "<<"
                ? (first.isEmpty ? "base: &base {x: 1}\n<<: *base\n" : "") : "\(key):\(value(&random))\n"
        }
        if Int.random(in: 0..<6, using: &random) == 0 { text = mutated(text, &random) }
        if Int.random(in: 0..<4, using: &random) == 0 { text = text.replacing("\n", with: "\r\n") }
        let end = text.contains("\r\n") ? "\r\n" : "\n"
        return Array("---\(end)\(text)---\(end)# Body\(end)".utf8)
    }

    private static func value(_ random: inout some RandomNumberGenerator) -> String {
        let comment = pick(["", "", "", " # why: not", "  #x"], &random)
        return pick(oneLine, &random) + comment
            + (comment.isEmpty && Bool.random(using: &random) ? pick(more, &random) : "")
    }

    private static func pick(_ choices: [String], _ random: inout some RandomNumberGenerator) -> String {
        choices.randomElement(using: &random) ?? ""
    }

    private static func mutated(_ text: String, _ random: inout some RandomNumberGenerator) -> String {
        var characters = Array(text)
        // No `&`: PyYAML reads `&a: b` with the anchor `a`, YAML 1.2 with the anchor `a:`.
        let special = Array(":#\"'[]{}-,*!|>%@` \t\n?.\\")
        let index = Int.random(in: 0..<characters.count, using: &random)
        let replacement = special.randomElement(using: &random).map { [$0] } ?? []
        characters.replaceSubrange(index..<(index + Int.random(in: 0...1, using: &random)), with: replacement)
        return String(characters)
    }

    private static let oneLine = [
        "", " x", " My app", " 'it''s # one'", " \"a: b \\\"c\\\" \\u00e9\"", " 7860", " true", " ~",
        " 你好：世界", " 🚀", " a#b",
        " [a, 'b, c', \"d]\"]", " {a: 1, b: [2, {c: d}]}", " &n v", " !!str 12",
        " |\n  line 1\n   line: 2\n\n  # three",
        " >-\n  folded\n  text\n\n    more\n  end", " |+\n  kept\n\n", " |2\n    deep\n  less",
        "\n  - a\n  - b: c\n    d: e\n  - - f\n    - g",
        "\n- a\n- 'b: c'\n-\n  d",
        "\n  nested:\n    deeper: [x,\n      y]\n  other: |\n    text [\n  last: \"q\n    r\"",
        " [\n  one, # first\n  two\n]", " two\n  lines", " \"two\n\n  lines \\\n  joined\"",
        " 'single\n  folded'",
        "\n  plain below", "\n  # comment first\n  key: value", " http://x.y/z?a=b#c",
        " a, b [c] {d} & e * f", " - x", " a: b", " \"open",
        " 'a' b", " @x", " *none", " 1.5", " 2024-01-01", " yes", " 'x'   ",
        "\n    far:\n        in: 1\n    out: 2", " >\n\n  late",
        " [[a, b], [c]]", " {}", " []", " \"\"", " -1", " -x", " ?x", " :x", " <<", " \"tab\\tin\"", " a\tb",
        "\n  ? x\n  : y\n  z: w",
    ]
    private static let more = [
        "", "", "", "\n", "\n\n", "\n  # indented comment", "\n# flush comment", "\n  continued", "   ",
    ]

    static let readmes: [[UInt8]] = texts.map { Array($0.utf8) }

    private static let texts = [
        "---\ntitle: Whisper\nemoji: 📊\ncolorFrom: red\ncolorTo: purple\nsdk: gradio\nsdk_version: 4.44.0\napp_file: app.py\npinned: false\nlicense: apache-2.0\nshort_description: Speech to text\n---\n\nCheck out the configuration reference at https://huggingface.co/docs/hub/spaces-config-reference\n",
        "---\r\ntitle: 聊天机器人\r\nemoji: 🤖\r\ncolorFrom: blue\r\ncolorTo: green\r\nsdk: docker\r\napp_port: 7860\r\nshort_description: \"一个：简单的 API 代理\"\r\n---\r\n# 聊天机器人\r\n",
        "\u{FEFF}---\ntitle: BOM\nsdk: static\n---\nText",
        "---\ntitle: Headers\nsdk: static\ncustom_headers:\n  cross-origin-embedder-policy: require-corp\n  cross-origin-opener-policy: same-origin\n  cross-origin-resource-policy: cross-origin\nmodels:\n- openai/whisper-large-v3\n- meta-llama/Llama-3.1-8B\ndatasets: [squad, 'glue']\ntags:\n  - \"a: b\"\n  - c\nhf_oauth: true\nhf_oauth_scopes:\n - read-repos\n---\n",
        "---\n# Space card, see the reference\ntitle: \"My app: the best\" # shown on the Hub\nemoji: '🐳'\n\nsdk: docker\nshort_description: >-\n  An app that\n  does things\npreload_from_hub:\n  - warp-ai/wuerstchen text_encoder/model.safetensors,prior/model.safetensors\n  - coqui/XTTS-v1\nstartup_duration_timeout: 1h\n---\n\n---\n\nA ruler above.\n",
        "---\ntitle:    Spaces   \nemoji:   🌍\ncolorFrom:  indigo\nsdk:  docker\npinned: FALSE\nsuggested_hardware: \"t4-small\"\nlicense: other\nlicense_name: my-license\nlicense_link: LICENSE\ndescription: |\n  First line.\n\n    code: here\n\n  Last line.\n---\n# Title\n```yaml\n---\na: b\n---\n```\n",
    ]
}
