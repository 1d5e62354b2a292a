extension FailurePattern {
    /// Errors that the Hub reports about itself and about the account.
    static let hub: [FailurePattern] = [
        FailurePattern("402 payment required", "requires a pro subscription", "payment required") { at in
            CauseCandidate(
                cause: .payment, why: "the plan of the account does not allow this",
                fix: "a Docker or Gradio Space on free hardware needs PRO (https://huggingface.co/pro); "
                    + "sdk = static is free, and paid hardware needs a payment method",
                confidence: .hub)
        },
        FailurePattern("hardware quota", "quota limit", "quota exceeded") { at in
            guard at.line.isFromHub || at.line.has(anyOf: ["spaces", "hardware"]) else { return nil }
            return CauseCandidate(
                cause: .quota, why: "the account's hardware is all in use",
                fix:
                    "pause another Space (spacesync list shows them, spacesync pause SPACE), then spacesync restart \(at.space)",
                confidence: .hub)
        },
        FailurePattern("repository storage limit reached") { at in
            CauseCandidate(
                cause: .repositorySize, why: "the Space's repository holds more than the Hub allows",
                fix:
                    "exclude what the app does not need, keep large files in a model or dataset repository or a volume, "
                    + "and push again", confidence: .hub)
        },
        FailurePattern("memory limit exceeded") { at in
            outOfMemory(
                at, "the app needed more than the \(at.text.after("(")?.before(")") ?? "memory") it has", .hub
            )
        },
        FailurePattern("storage limit exceeded") { at in
            CauseCandidate(
                cause: .disk,
                why: "the app wrote more than its disk holds (\(at.text.after("(")?.before(")") ?? "50G"))",
                fix: "fetch less at the start, clean up caches, or keep the data on a volume",
                confidence: .hub)
        },
        FailurePattern("scheduling failure") { at in
            CauseCandidate(
                cause: .scheduling,
                why: "the Hub found no machine for the app, which says nothing about the app",
                fix:
                    "later: spacesync restart \(at.space); or other hardware: spacesync hardware \(at.space)",
                confidence: .hub)
        },
        FailurePattern("collision on variables and secrets") { at in
            CauseCandidate(
                cause: .configuration, why: "one name is both a variable and a secret of the Space",
                fix:
                    "keep one of them: spacesync variables unset \(at.space) NAME, or spacesync secrets unset "
                    + "\(at.space) NAME (list in place of unset shows the names); then spacesync restart \(at.space)",
                confidence: .hub)
        },
        FailurePattern("unexpected job error") { at in platform("the Hub's builder failed", at) },
        FailurePattern("error while cloning repository") { at in
            platform("the Hub's builder could not read the Space", at)
        },
        FailurePattern("spaces-registry", "registry.hf.space") { at in
            let isRegistryError = at.line.has(anyOf: [
                "failed to push", "failed to pull", "failed to authorize", "401 unauthorized",
                "403 forbidden",
                "500 internal", "502 bad", "503 service", "504 gateway", "timeout", "eof", "connection reset",
            ])
            return isRegistryError ? platform("the Hub's registry did not take the image", at) : nil
        },
        FailurePattern(
            "failed to create containerd task", "failed to create shim task", "oci runtime create failed"
        ) {
            at in
            if let candidate = start(at) { return candidate }
            return platform("the Hub could not start a container", at)
        },
        FailurePattern("rpc error: code = unavailable", "error reading from server: eof") { at in
            at.symptoms.isBuild ? platform("the Hub's builder went away", at, .likely) : nil
        },
    ]

    private static func platform(
        _ why: String, _ at: LogMatch, _ confidence: CauseCandidate.Confidence = .hub
    )
        -> CauseCandidate
    {
        let fix =
            at.symptoms.isBuild
            ? "try again later: spacesync push \(at.space) --rebuild"
            : "try again later: spacesync restart \(at.space)"
        return CauseCandidate(
            cause: .platform, why: "\(why); nothing in the Space is to be mended", fix: fix,
            confidence: confidence)
    }

    static func outOfMemory(_ at: LogMatch, _ why: String, _ confidence: CauseCandidate.Confidence)
        -> CauseCandidate
    {
        CauseCandidate(
            cause: .outOfMemory, why: why,
            fix: at.symptoms.isBuild
                ? "build less at once (fewer jobs, --no-cache-dir, a smaller base image), or bring what is built in an image"
                : "load less (a smaller model, fewer workers), or larger hardware: spacesync hardware \(at.space)",
            confidence: confidence)
    }

    /// Diagnoses a container command that cannot be started, from the runtime's message: `exec:
    /// "uvicorn": executable file not found`.
    private static func start(_ at: LogMatch) -> CauseCandidate? {
        guard let message = at.text.after("exec: ") else { return nil }
        let name = message.quoted ?? "the command"
        let line = NormalizedLine(message)
        if line.has("permission denied") { return notExecutable(name, .hub) }
        if line.has("format error") { return execFormat(.hub) }
        guard line.has(anyOf: ["not found", "no such file"]) else { return nil }
        return CauseCandidate(
            cause: .missingCommand, why: "the image has no \(name), which its CMD or ENTRYPOINT names",
            fix: ["node", "npm", "npx"].contains(name)
                ? node(name, at)
                : "install it in the Dockerfile, or mend the CMD (command = … of the target)",
            confidence: .hub)
    }

    static func notExecutable(_ name: String, _ confidence: CauseCandidate.Confidence = .certain)
        -> CauseCandidate
    {
        CauseCandidate(
            cause: .permission, why: "\(name) is not executable",
            fix:
                "git update-index --chmod=+x on it in the source, or RUN chmod +x \(name) in the Dockerfile",
            confidence: confidence)
    }

    static func execFormat(_ confidence: CauseCandidate.Confidence = .certain) -> CauseCandidate {
        CauseCandidate(
            cause: .execFormat,
            why: "the program is not for the Hub's machines (linux/amd64), or a script without #! line",
            fix:
                "build the image with docker build --platform linux/amd64; give a script #!/bin/sh as its first line",
            confidence: confidence)
    }
}

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
