import TextTools

/// The format of the tokens of one issuer. Contains no reference types, so that the scan's loop has
/// no reference counting.
struct TokenPattern {
    /// The prefix of a token, and its description.
    let prefix: StaticString
    let kind: StaticString
    /// The number of bytes after the prefix.
    let lengths: ClosedRange<Int>
    let alphabet: Alphabet
    /// The kinds of bytes that every random body contains.
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

    /// Formats and lengths from the issuers' documentation and from other scanners (gitleaks,
    /// TruffleHog, GitHub's list). Longer prefixes come first, because the first match counts.
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
