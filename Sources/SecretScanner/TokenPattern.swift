import TextTools

/// How the tokens of one issuer are written. All of it is plain memory, so that the scan's loop counts no references.
struct TokenPattern {
    /// What a token begins with, and what it is called.
    let prefix: StaticString
    let kind: StaticString
    /// How many bytes follow.
    let lengths: ClosedRange<Int>
    let alphabet: Alphabet
    /// What a random body has for sure.
    var requirements: Requirements = []

    enum Alphabet {
        case alphanumeric
        /// Letters, digits, `-`, `_`.
        case wide
        /// Letters, digits, `-`, `_`, `.`.
        case dotted
        /// Capitals and digits.
        case upper

        func contains(_ byte: UInt8) -> Bool {
            switch self {
            case .alphanumeric: byte.isLetter || byte.isDigit
            case .wide: byte.isWord || byte == .dash
            case .dotted: byte.isWord || byte == .dash || byte == UInt8(ascii: ".")
            case .upper: byte.isUpper || byte.isDigit
            }
        }
    }

    struct Requirements: OptionSet {
        let rawValue: UInt8
        static let digit = Requirements(rawValue: 1)
        static let letter = Requirements(rawValue: 2)
    }

    /// Shapes and lengths as the issuers give them, and as scanners know them (gitleaks, TruffleHog, GitHub's own list).
    /// Longer prefixes first: the first that fits says what it is.
    static let all = [
        TokenPattern(
            prefix: "hf_oauth_", kind: "a Hugging Face OAuth token", lengths: 34...4096, alphabet: .dotted),
        TokenPattern(prefix: "hf_jwt_", kind: "a Hugging Face token", lengths: 34...4096, alphabet: .dotted),
        TokenPattern(prefix: "hf_", kind: "a Hugging Face token", lengths: 34...64, alphabet: .alphanumeric),
        TokenPattern(
            prefix: "api_org_", kind: "a Hugging Face organization token", lengths: 34...64,
            alphabet: .alphanumeric),
        TokenPattern(
            prefix: "github_pat_", kind: "a GitHub token", lengths: 82...82, alphabet: .wide,
            requirements: .digit),
        TokenPattern(prefix: "ghp_", kind: "a GitHub token", lengths: 36...255, alphabet: .alphanumeric),
        TokenPattern(prefix: "gho_", kind: "a GitHub token", lengths: 36...255, alphabet: .alphanumeric),
        TokenPattern(prefix: "ghs_", kind: "a GitHub token", lengths: 36...255, alphabet: .alphanumeric),
        TokenPattern(prefix: "ghu_", kind: "a GitHub token", lengths: 36...255, alphabet: .alphanumeric),
        TokenPattern(prefix: "ghr_", kind: "a GitHub token", lengths: 36...255, alphabet: .alphanumeric),
        TokenPattern(prefix: "glpat-", kind: "a GitLab token", lengths: 20...64, alphabet: .wide),
        TokenPattern(prefix: "npm_", kind: "an npm token", lengths: 36...36, alphabet: .alphanumeric),
        TokenPattern(prefix: "sk-ant-", kind: "an Anthropic key", lengths: 40...255, alphabet: .wide),
        TokenPattern(prefix: "sk-proj-", kind: "an OpenAI key", lengths: 40...255, alphabet: .wide),
        TokenPattern(prefix: "sk-svcacct-", kind: "an OpenAI key", lengths: 40...255, alphabet: .wide),
        TokenPattern(prefix: "sk-admin-", kind: "an OpenAI key", lengths: 40...255, alphabet: .wide),
        TokenPattern(
            prefix: "sk-or-v1-", kind: "an OpenRouter key", lengths: 64...64, alphabet: .alphanumeric),
        TokenPattern(
            prefix: "sk-", kind: "an OpenAI key", lengths: 32...64, alphabet: .alphanumeric,
            requirements: [.digit, .letter]),
        TokenPattern(
            prefix: "xoxa-", kind: "a Slack token", lengths: 24...255, alphabet: .wide, requirements: .digit),
        TokenPattern(
            prefix: "xoxb-", kind: "a Slack token", lengths: 24...255, alphabet: .wide, requirements: .digit),
        TokenPattern(
            prefix: "xoxp-", kind: "a Slack token", lengths: 24...255, alphabet: .wide, requirements: .digit),
        TokenPattern(
            prefix: "xoxr-", kind: "a Slack token", lengths: 24...255, alphabet: .wide, requirements: .digit),
        TokenPattern(
            prefix: "xoxs-", kind: "a Slack token", lengths: 24...255, alphabet: .wide, requirements: .digit),
        TokenPattern(prefix: "sk_live_", kind: "a Stripe key", lengths: 24...255, alphabet: .alphanumeric),
        TokenPattern(prefix: "rk_live_", kind: "a Stripe key", lengths: 24...255, alphabet: .alphanumeric),
        TokenPattern(prefix: "AIza", kind: "a Google API key", lengths: 35...35, alphabet: .wide),
        TokenPattern(prefix: "AKIA", kind: "an AWS access key", lengths: 16...16, alphabet: .upper),
        TokenPattern(prefix: "ASIA", kind: "an AWS access key", lengths: 16...16, alphabet: .upper),
    ]

    var isAWS: Bool { alphabet == .upper }
}
