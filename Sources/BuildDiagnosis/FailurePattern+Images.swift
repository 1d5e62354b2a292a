extension FailurePattern {
    /// The Dockerfile, its COPY sources and its base image.
    static let images: [FailurePattern] = [
        FailurePattern(
            "dockerfile parse error", "unknown instruction", "no build stage in current context",
            "unknown flag: "
        ) { at in
            guard at.symptoms.isBuild else { return nil }
            guard
                at.line.has(anyOf: ["dockerfile", "unknown instruction", "no build stage", "failed to solve"])
            else {
                return nil
            }
            let location = at.text.after("line ")?.firstWord.map { " at line \($0)" } ?? ""
            let detail = at.text.after("unknown instruction: ").map { " (unknown instruction \($0))" } ?? ""
            return CauseCandidate(
                cause: .dockerfileSyntax, why: "the Dockerfile cannot be read\(location)\(detail)",
                fix:
                    "mostly a missing \\ at the end of the line before, or a heredoc that needs # syntax=docker/dockerfile:1; "
                    + "spacesync check says more", confidence: .certain)
        },
        FailurePattern("failed to calculate checksum", "failed to compute cache key") { at in
            let missing = at.following(6).lazy.compactMap { $0.text.after(": \"")?.before("\": not found") }
                .first
            let step = BuildSteps(at.symptoms.build).failedStep(message: nil)
            let source = missing ?? step.flatMap(copySource) ?? "what a COPY names"
            return CauseCandidate(
                cause: .missingCopy, why: "a COPY names \(source), which the Space does not hold",
                fix:
                    "look at include, exclude and root of the target, at .dockerignore, and at upper and lower case; "
                    + "spacesync plan \(at.space) lists what is sent")
        },
        FailurePattern("toomanyrequests", "pull rate limit") { at in
            CauseCandidate(
                cause: .platform,
                why: "the registry of the base image takes no more pulls from the Hub's builders just now",
                fix: "later: spacesync push \(at.space) --rebuild; or the same image from another registry")
        },
        FailurePattern(
            "failed to resolve source metadata", "pull access denied", "manifest unknown",
            "no match for platform",
            "no matching manifest"
        ) { at in
            let image =
                at.text.after("source metadata for ")?.before(": ") ?? at.text.after("failed to solve: ")?
                .firstWord
                ?? at.text.after("denied for ")?.firstWord ?? "the base image"
            if at.line.has(anyOf: [
                "503 service", "502 bad", "500 internal", "i/o timeout", "tls handshake", "connection reset",
            ]) {
                return CauseCandidate(
                    cause: .platform, why: "the registry of \(image) did not answer the Hub's builder",
                    fix: "later: spacesync push \(at.space) --rebuild")
            }
            if at.line.has(anyOf: ["no match for platform", "no matching manifest"]) {
                return CauseCandidate(
                    cause: .baseImage, why: "\(image) has no image for linux/amd64",
                    fix: "take a tag that has one, or build it with docker build --platform linux/amd64")
            }
            let isDenied = at.line.has(anyOf: ["denied", "401", "403", "unauthorized", "authorization"])
            return CauseCandidate(
                cause: .baseImage,
                why: isDenied ? "\(image) is not there, or not public" : "\(image) is not there",
                fix:
                    "look at its name and tag in FROM (image = … of the target); the Hub's builder can pull public images only"
            )
        },
        FailurePattern("exec format error") { at in execFormat() },
        FailurePattern(
            "bad interpreter", "$'\\r': command not found", "bash\\r", "sh\\r", "can't execute 'bash"
        ) { _ in
            wrongLineEndings(nil)
        },
        FailurePattern("exec ") { at in
            guard at.line.has("no such file or directory"), at.line.has("exec /") || at.line.has("exec ./"),
                let script = at.text.after("exec ")?.before(": no such")
            else { return nil }
            return wrongLineEndings(script)
        },
    ]

    /// Returns the first source of a COPY or ADD instruction: `a` of `COPY a b /app/`.
    private static func copySource(in step: String) -> String? {
        let arguments = step.split(separator: " ").map(String.init)
        guard let keyword = arguments.first, keyword == "COPY" || keyword == "ADD" else { return nil }
        return arguments.dropFirst().first { !$0.hasPrefix("--") }
    }

    private static func wrongLineEndings(_ script: String?) -> CauseCandidate {
        let name = script ?? "the start script"
        return CauseCandidate(
            cause: .startScript,
            why:
                "\(name) cannot be started: it has Windows line ends (CRLF), or its #! line names a shell that the image has not",
            fix:
                "*.sh text eol=lf in .gitattributes and git add --renormalize . in the source; alpine has sh, not bash"
        )
    }
}
