import TextTools

/// How the tokens of one issuer are written. All of it is plain memory, so that the scan's loop counts no references.
struct TokenShape {
    /// What a token begins with, and what it is called.
    let prefix: StaticString
    let kind: StaticString
    /// How many bytes follow.
    let lengths: ClosedRange<Int>
    let alphabet: Alphabet
    /// What a random body has for sure.
    var needs: Needs = []

    enum Alphabet {
        case alphanumeric
        /// Letters, digits, `-`, `_`.
        case wide
        /// Letters, digits, `-`, `_`, `.`.
        case dotted
        /// Capitals and digits.
        case upper

        func holds(_ byte: UInt8) -> Bool {
            switch self {
            case .alphanumeric: byte.isLetter || byte.isDigit
            case .wide: byte.isWord || byte == .dash
            case .dotted: byte.isWord || byte == .dash || byte == UInt8(ascii: ".")
            case .upper: byte.isUpper || byte.isDigit
            }
        }
    }

    struct Needs: OptionSet {
        let rawValue: UInt8
        static let digit = Needs(rawValue: 1)
        static let letter = Needs(rawValue: 2)
    }

    /// Shapes and lengths as the issuers give them, and as scanners know them (gitleaks, TruffleHog, GitHub's own list).
    /// Longer prefixes first: the first that fits says what it is.
    static let all = [
        TokenShape(
            prefix: "hf_oauth_", kind: "a Hugging Face OAuth token", lengths: 34...4096, alphabet: .dotted),
        TokenShape(prefix: "hf_jwt_", kind: "a Hugging Face token", lengths: 34...4096, alphabet: .dotted),
        TokenShape(prefix: "hf_", kind: "a Hugging Face token", lengths: 34...64, alphabet: .alphanumeric),
        TokenShape(
            prefix: "api_org_", kind: "a Hugging Face organization token", lengths: 34...64,
            alphabet: .alphanumeric),
        TokenShape(
            prefix: "github_pat_", kind: "a GitHub token", lengths: 82...82, alphabet: .wide, needs: .digit),
        TokenShape(prefix: "ghp_", kind: "a GitHub token", lengths: 36...255, alphabet: .alphanumeric),
        TokenShape(prefix: "gho_", kind: "a GitHub token", lengths: 36...255, alphabet: .alphanumeric),
        TokenShape(prefix: "ghs_", kind: "a GitHub token", lengths: 36...255, alphabet: .alphanumeric),
        TokenShape(prefix: "ghu_", kind: "a GitHub token", lengths: 36...255, alphabet: .alphanumeric),
        TokenShape(prefix: "ghr_", kind: "a GitHub token", lengths: 36...255, alphabet: .alphanumeric),
        TokenShape(prefix: "glpat-", kind: "a GitLab token", lengths: 20...64, alphabet: .wide),
        TokenShape(prefix: "npm_", kind: "an npm token", lengths: 36...36, alphabet: .alphanumeric),
        TokenShape(prefix: "sk-ant-", kind: "an Anthropic key", lengths: 40...255, alphabet: .wide),
        TokenShape(prefix: "sk-proj-", kind: "an OpenAI key", lengths: 40...255, alphabet: .wide),
        TokenShape(prefix: "sk-svcacct-", kind: "an OpenAI key", lengths: 40...255, alphabet: .wide),
        TokenShape(prefix: "sk-admin-", kind: "an OpenAI key", lengths: 40...255, alphabet: .wide),
        TokenShape(prefix: "sk-or-v1-", kind: "an OpenRouter key", lengths: 64...64, alphabet: .alphanumeric),
        TokenShape(
            prefix: "sk-", kind: "an OpenAI key", lengths: 32...64, alphabet: .alphanumeric,
            needs: [.digit, .letter]),
        TokenShape(prefix: "xoxa-", kind: "a Slack token", lengths: 24...255, alphabet: .wide, needs: .digit),
        TokenShape(prefix: "xoxb-", kind: "a Slack token", lengths: 24...255, alphabet: .wide, needs: .digit),
        TokenShape(prefix: "xoxp-", kind: "a Slack token", lengths: 24...255, alphabet: .wide, needs: .digit),
        TokenShape(prefix: "xoxr-", kind: "a Slack token", lengths: 24...255, alphabet: .wide, needs: .digit),
        TokenShape(prefix: "xoxs-", kind: "a Slack token", lengths: 24...255, alphabet: .wide, needs: .digit),
        TokenShape(prefix: "sk_live_", kind: "a Stripe key", lengths: 24...255, alphabet: .alphanumeric),
        TokenShape(prefix: "rk_live_", kind: "a Stripe key", lengths: 24...255, alphabet: .alphanumeric),
        TokenShape(prefix: "AIza", kind: "a Google API key", lengths: 35...35, alphabet: .wide),
        TokenShape(prefix: "AKIA", kind: "an AWS access key", lengths: 16...16, alphabet: .upper),
        TokenShape(prefix: "ASIA", kind: "an AWS access key", lengths: 16...16, alphabet: .upper),
    ]

    var isAWS: Bool { alphabet == .upper }
}
