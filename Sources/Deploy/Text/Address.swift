extension StringProtocol {
    /// The text as it may be shown and kept: an address loses the user and password that are written into it. Of ssh the
    /// user stays, who is a part of the address.
    package var withoutCredentials: String {
        guard let mark = firstRange(of: "://") else { return String(self) }
        let authority = self[mark.upperBound...].prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        guard let at = authority.lastIndex(of: "@") else { return String(self) }
        let isShell = self[..<mark.lowerBound].hasSuffix("ssh")
        let user = isShell ? authority[..<at].prefix { $0 != ":" } + "@" : ""
        return String(self[..<mark.upperBound]) + user + self[authority.index(after: at)...]
    }
}

extension String {
    /// As it may be shown: what looks like somebody's token, put where it does not belong, is left out.
    package var withoutTokens: String {
        let starts = ["hf_", "ghp_", "gho_", "ghs_", "github_pat_", "glpat-"]
        return starts.contains { contains($0) } ? "…" : self
    }
}
