/// The forms of access tokens, for messages that must not repeat one and for naming the service that issued it.
/// `TokenPattern` finds real tokens in files; here a token that was shortened or made up counts too.
package enum TokenForm {
    private struct Form {
        let prefix: String
        let service: String
        /// Fewest bytes that follow.
        let minLength: Int
        var isWide = false
        /// What follows has a digit or a capital. Names such as `hf_transfer` have none.
        var isMixed = false
    }

    /// Longer prefixes first: the first that fits decides.
    private static let forms = [
        Form(prefix: "hf_oauth_", service: hub, minLength: 16, isWide: true, isMixed: true),
        Form(prefix: "hf_jwt_", service: hub, minLength: 16, isWide: true, isMixed: true),
        Form(prefix: "hf_", service: hub, minLength: 8, isMixed: true),
        Form(prefix: "hf_", service: hub, minLength: 16),
        Form(prefix: "api_org_", service: hub, minLength: 8, isMixed: true),
        Form(prefix: "api_org_", service: hub, minLength: 16),
        Form(prefix: "github_pat_", service: "GitHub", minLength: 10, isWide: true),
        Form(prefix: "ghp_", service: "GitHub", minLength: 10),
        Form(prefix: "gho_", service: "GitHub", minLength: 10),
        Form(prefix: "ghu_", service: "GitHub", minLength: 10),
        Form(prefix: "ghs_", service: "GitHub", minLength: 10),
        Form(prefix: "ghr_", service: "GitHub", minLength: 10),
        Form(prefix: "glpat-", service: "GitLab", minLength: 10, isWide: true),
        Form(prefix: "gldt-", service: "GitLab", minLength: 10, isWide: true),
        Form(prefix: "glptt-", service: "GitLab", minLength: 10, isWide: true),
        Form(prefix: "glcbt-", service: "GitLab", minLength: 10, isWide: true),
        Form(prefix: "npm_", service: "npm", minLength: 20),
        Form(prefix: "pypi-", service: "PyPI", minLength: 40, isWide: true, isMixed: true),
        Form(prefix: "dckr_pat_", service: "Docker Hub", minLength: 10, isWide: true),
        Form(prefix: "dckr_oat_", service: "Docker Hub", minLength: 10, isWide: true),
        Form(prefix: "sk-ant-", service: "Anthropic", minLength: 16, isWide: true, isMixed: true),
        Form(prefix: "sk-", service: "OpenAI", minLength: 20, isWide: true, isMixed: true),
        Form(prefix: "xoxa-", service: "Slack", minLength: 10, isWide: true),
        Form(prefix: "xoxb-", service: "Slack", minLength: 10, isWide: true),
        Form(prefix: "xoxp-", service: "Slack", minLength: 10, isWide: true),
        Form(prefix: "xoxr-", service: "Slack", minLength: 10, isWide: true),
        Form(prefix: "xoxs-", service: "Slack", minLength: 10, isWide: true),
        Form(prefix: "sk_live_", service: "Stripe", minLength: 16),
        Form(prefix: "rk_live_", service: "Stripe", minLength: 16),
        Form(prefix: "r8_", service: "Replicate", minLength: 30),
        Form(prefix: "AIza", service: "Google", minLength: 35, isWide: true),
        Form(prefix: "AKIA", service: "AWS", minLength: 16),
        Form(prefix: "ASIA", service: "AWS", minLength: 16),
    ]

    package static let hub = "Hugging Face"

    /// The service whose tokens begin as this one does; `nil` if none is known. All of the text is the token.
    package static func service(of token: String) -> String? {
        let bytes = Array(token.utf8)
        guard let (form, end) = form(at: 0, in: bytes), end == bytes.count else { return nil }
        return form.service
    }

    private static func form(at start: Int, in bytes: [UInt8]) -> (form: Form, end: Int)? {
        for form in forms where bytes[start...].starts(with: form.prefix.utf8) {
            let from = start + form.prefix.utf8.count
            let body = bytes[from...].prefix { $0.isLetter || $0.isDigit || form.isWide && isWide($0) }
            guard body.count >= form.minLength,
                !form.isMixed || body.contains(where: { $0.isDigit || $0.isUpper })
            else { continue }
            // All that a token could be made of is left out, so that no end of one stays.
            let end = bytes[body.endIndex...].firstIndex { !($0.isLetter || $0.isDigit || isWide($0)) }
            return (form, end ?? bytes.count)
        }
        return nil
    }

    private static func isWide(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "_") || byte == UInt8(ascii: "-") || byte == UInt8(ascii: ".")
    }

    /// Replaces what follows a token's prefix by an ellipsis.
    fileprivate static func redacted(_ text: String) -> String {
        let bytes = Array(text.utf8)
        var (result, index, isChanged) = ([UInt8](), 0, false)
        result.reserveCapacity(bytes.count)
        while index < bytes.count {
            let isInside = index > 0 && (bytes[index - 1].isLetter || bytes[index - 1].isDigit)
            if !isInside, firstBytes.contains(bytes[index]), let (form, end) = form(at: index, in: bytes) {
                result += Array((form.prefix + "…").utf8)
                (index, isChanged) = (end, true)
            } else {
                result.append(bytes[index])
                index += 1
            }
        }
        return isChanged ? String(decoding: result, as: UTF8.self) : text
    }

    private static let firstBytes = Set(forms.compactMap(\.prefix.utf8.first))
}

extension String {
    /// The text as it may be shown: of every token only the prefix stays, `hf_…`.
    package var redacted: String { TokenForm.redacted(self) }
}
