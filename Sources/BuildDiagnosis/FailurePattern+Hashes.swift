extension FailurePattern {
    /// pip's hash-checking mode: https://pip.pypa.io/en/stable/topics/secure-installs/.
    static let hashes: [FailurePattern] = [
        FailurePattern("do not match the hashes") { at in
            let name = package(at).map { " of \($0)" } ?? ""
            return CauseCandidate(
                cause: .hashes, why: "the file\(name) that pip fetched is not the one that its hash names",
                fix:
                    "once more (a download that was cut looks the same): spacesync push \(at.space) --rebuild; "
                    + "if it comes again, write the hashes anew for linux/amd64: pip-compile --generate-hashes, "
                    + "or uv pip compile --generate-hashes")
        },
        FailurePattern("in --require-hashes mode", "hashes are required in") { at in
            let name = package(at).map { " (\($0))" } ?? ""
            return CauseCandidate(
                cause: .hashes,
                why: "one line of requirements.txt has a hash, so pip wants == and a hash for each, "
                    + "dependencies too, and does not find them\(name)",
                fix: "write them all: pip-compile --generate-hashes, or uv pip compile --generate-hashes; "
                    + "or leave out every --hash and --require-hashes")
        },
    ]

    /// Returns the requirement that pip reports in the next lines: `    six>=1.4.0 from https://…`,
    /// `    flask==3.0 --hash=…`.
    private static func package(_ at: LogMatch) -> String? {
        at.following(4).dropFirst().lazy
            .compactMap { ($0.text.before(" from http") ?? $0.text.before(" --hash="))?.lastWord }
            .first { $0.isPlainWord && !$0.contains("://") }
    }
}
