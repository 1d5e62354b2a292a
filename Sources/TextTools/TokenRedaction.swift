/// The formats of access tokens, used to redact tokens in messages and to name the service that
/// issued one. `TokenPattern` finds real tokens in files; here shortened and invented tokens match, too.
package enum TokenForm {
    private struct Form {
        let prefix: String
        let service: String
        /// The minimum number of bytes after the prefix.
        let minLength: Int
        var isWide = false
        /// Whether the bytes after the prefix must contain a digit or a capital letter. Names such
        /// as `hf_transfer` contain none.
        var isMixed = false
    }

    /// Longer prefixes first: the first match decides.
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

    /// Returns the service that issues tokens of this form; `nil` if none is known. The complete
    /// text must be the token.
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
            // All characters that a token may contain are redacted, so that no part of a token remains.
            let end = bytes[body.endIndex...].firstIndex { !($0.isLetter || $0.isDigit || isWide($0)) }
            return (form, end ?? bytes.count)
        }
        return nil
    }

    private static func isWide(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "_") || byte == UInt8(ascii: "-") || byte == UInt8(ascii: ".")
    }

    /// Replaces the part of each token after its prefix by an ellipsis.
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
    /// The text for display, with each token reduced to its prefix: `hf_…`.
    package var redacted: String { TokenForm.redacted(self) }
}
