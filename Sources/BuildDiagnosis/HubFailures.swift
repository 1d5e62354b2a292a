/// Failures of the Hub and the account, of the Dockerfile and its images, and of models on the Hub.
enum HubFailures {
    static let patterns: [FailurePattern] = account + platform + containers + images + scripts

    private static let account: [FailurePattern] = [
        FailurePattern(
            .payment, "payment required|requires a pro subscription", .hub,
            why: "the plan of the account does not allow this",
            fix: "a Docker or Gradio Space on free hardware requires PRO (https://huggingface.co/pro); sdk = "
                + "static is free, and paid hardware requires a payment method"),
        FailurePattern(
            .quota, "hardware quota|quota limit|quota exceeded", .hub,
            when: [.any([.fromHub, .line("spaces|hardware")])],
            why: "the hardware quota of the account is used up",
            fix: "pause another Space (spacesync list shows them, spacesync pause SPACE), then spacesync "
                + "restart {space}"),
        FailurePattern(
            .repositorySize, "repository storage limit reached", .hub,
            why: "the Space's repository is larger than the Hub allows",
            fix: "exclude what the app does not need, keep large files in a model or dataset repository "
                + "or a volume, and push again"),
        FailurePattern(
            .outOfMemory, "memory limit exceeded…({limit*})|memory limit exceeded", .hub,
            why: "the app needed more memory than its limit{limit? of %}", fix: SystemFailures.useLessMemory),
        FailurePattern(
            .disk, "storage limit exceeded…({limit*})|storage limit exceeded", .hub,
            why: "the app wrote more than its disk can store ({limit|50G})",
            fix: "download less at the start, clean up caches, or keep the data on a volume"),
        FailurePattern(
            .scheduling, "scheduling failure", .hub,
            why: "the Hub found no machine for the app; the app is not the cause",
            fix:
                "try again later: spacesync restart {space}; or use other hardware: spacesync hardware {space}"
        ),
        FailurePattern(
            .configuration, "collision on variables and secrets", .hub,
            why: "one name is both a variable and a secret of the Space",
            fix: "keep one of them: spacesync variables unset {space} NAME, or spacesync secrets unset "
                + "{space} NAME (list instead of unset shows the names); then spacesync restart {space}"),
    ]

    private static let platform: [FailurePattern] = [
        platformError("unexpected job error", why: "the Hub's builder failed"),
        platformError("error while cloning repository", why: "the Hub's builder could not read the Space"),
        platformError(
            "spaces-registry|registry.hf.space",
            when: [
                .line([
                    "failed to push|failed to pull|failed to authorize|401 unauthorized|403 forbidden",
                    "500 internal|502 bad|503 service|504 gateway|timeout|eof|connection reset",
                ])
            ],
            why: "the Hub's registry did not accept the image"),
    ]

    private static func platformError(
        _ line: LinePattern, _ confidence: FailurePattern.Confidence = .hub,
        when conditions: [Condition] = [],
        why: String
    ) -> FailurePattern {
        FailurePattern(
            .platform, line, confidence, when: conditions,
            why: "\(why); nothing in the Space needs to be fixed",
            fix: "try again later: {build?spacesync push {space} --rebuild|spacesync restart {space}}")
    }

    /// The command of a container that cannot be started: `exec: "uvicorn": executable file not found`.
    private static let containers: [FailurePattern] = [
        FailurePattern(
            .permission, containerErrors, .hub,
            when: [.line("exec: '{program}'…permission denied|exec: …permission denied")],
            why: "{program|the command} is not executable", fix: SystemFailures.makeExecutable),
        FailurePattern(
            .execFormat, containerErrors, .hub, when: [.line("exec: …format error")], why: wrongFormat,
            fix: rightFormat),
        FailurePattern(
            .missingCommand, containerErrors, .hub,
            when: [
                .line("exec: '{program}'…not found|exec: '{program}'…no such file"),
                .value("program", "^node$|^npm$|^npx$"),
            ],
            why: missingProgram, fix: NodeFailures.install()),
        FailurePattern(
            .missingCommand, containerErrors, .hub,
            when: [
                .line([
                    "exec: '{program}'…not found|exec: '{program}'…no such file|exec: …not found",
                    "exec: …no such file",
                ])
            ],
            why: missingProgram,
            fix: "install it in the Dockerfile, or fix the CMD (command = … in the settings)"),
        platformError(containerErrors, why: "the Hub could not start a container"),
        platformError(
            "rpc error: code = unavailable|error reading from server: eof", .likely, when: [.build],
            why: "the Hub's builder stopped responding"),
    ]

    private static let containerErrors: LinePattern =
        "failed to create containerd task|failed to create shim task|oci runtime create failed"
    private static let missingProgram =
        "{program|a command} of its CMD or ENTRYPOINT is not in the image"
    private static let wrongFormat =
        "the program is not built for the Hub's machines (linux/amd64), or is a script without a #! line"
    private static let rightFormat =
        "build the image with docker build --platform linux/amd64; give a script #!/bin/sh as its first line"

    private static let images: [FailurePattern] = [
        FailurePattern(
            .dockerfileSyntax,
            [
                "dockerfile parse error|unknown instruction|no build stage in current context",
                "dockerfile…unknown flag: |failed to solve…unknown flag: ",
            ],
            when: [
                .build, .optional(.line("line {line}")),
                .optional(.line("unknown instruction: {instruction*}")),
            ],
            why: "the Dockerfile cannot be read{line? at line %}{instruction? (unknown instruction %)}",
            fix: "usually a \\ is missing at the end of the line before, or a heredoc needs # "
                + "syntax=docker/dockerfile:1; run spacesync check for details"),
        FailurePattern(
            .missingCopy, "failed to calculate checksum|failed to compute cache key",
            when: [.optional(.lines(0..<6, ": '{source*}': not found")), .optional(.computed(copySource))],
            why: "a COPY refers to {source|a file}, which is not in the Space",
            fix: "check include, exclude and root in the settings, .dockerignore, and upper and "
                + "lower case; spacesync plan {space} lists the deployed files"),
        FailurePattern(
            .platform, "toomanyrequests|pull rate limit",
            why: "the registry of the base image limits pulls from the Hub's builders",
            fix:
                "try again later: spacesync push {space} --rebuild; or use the same image from another registry"
        ),
        FailurePattern(
            .platform, unresolvedImage,
            when: [
                .line("503 service|502 bad|500 internal|i/o timeout|tls handshake|connection reset"),
                imageName,
            ],
            why: "the registry of {image|the base image} did not respond to the Hub's builder",
            fix: "try again later: spacesync push {space} --rebuild"),
        FailurePattern(
            .baseImage, unresolvedImage,
            when: [.line("no match for platform|no matching manifest"), imageName],
            why: "{image|the base image} has no image for linux/amd64",
            fix: "use a tag that has one, or build it with docker build --platform linux/amd64"),
        FailurePattern(
            .baseImage, unresolvedImage,
            when: [.line("denied|401|403|unauthorized|authorization"), imageName],
            why: "{image|the base image} does not exist or is not public", fix: checkImageName),
        FailurePattern(
            .baseImage, unresolvedImage, when: [imageName], why: "{image|the base image} does not exist",
            fix: checkImageName),
    ]

    private static let unresolvedImage: LinePattern = [
        "failed to resolve source metadata|pull access denied|manifest unknown|no match for platform",
        "no matching manifest",
    ]
    private static let imageName = Condition.optional(
        .line("source metadata for {image}: |failed to solve: {image}|denied for {image}"))
    private static let checkImageName =
        "check its name and tag in FROM (image = … in the settings); the Hub's builder can pull only public "
        + "images"

    /// Returns the first source of the failing COPY or ADD instruction: `a` of `COPY a b /app/`.
    private static func copySource(_ match: LogMatch) -> [String: String]? {
        let step = BuildSteps(match.context.build).failedStep(message: nil)
        let words = (step ?? "").split(separator: " ").map(String.init)
        guard ["COPY", "ADD"].contains(words.first) else { return nil }
        return words.dropFirst().first { !$0.hasPrefix("--") }.map { ["source": $0] }
    }

    /// Programs and scripts that the kernel cannot execute.
    private static let scripts: [FailurePattern] = [
        FailurePattern(.execFormat, "exec format error", why: wrongFormat, fix: rightFormat),
        FailurePattern(
            .startScript, "bad interpreter|$'\\r': command not found|sh\\r|can't execute 'bash",
            why: wrongLineEnds, fix: rightLineEnds),
        FailurePattern(
            .startScript, "exec {script}: no such file or directory", when: [.value("script", "^/|^./")],
            why: wrongLineEnds, fix: rightLineEnds),
    ]

    private static let wrongLineEnds =
        "{script|the start script} cannot be started: it has Windows line ends (CRLF), or its #! line names "
        + "a shell that is not in the image"
    private static let rightLineEnds =
        "add *.sh text eol=lf to .gitattributes and run git add --renormalize . in the source; Alpine has sh, not bash"

    /// Models and data sets on the Hub that the app downloads.
    static let models: [FailurePattern] = [
        FailurePattern(
            .gatedModel,
            [
                "cannot access gated repo|gatedrepoerror|access to model |access to dataset ",
                "trying to access a gated repo",
            ],
            when: [.optional(.computed { repository(in: $0.lines(-4..<6)) })],
            why:
                "{repository|a model that the app fetches} is gated, and the Space's token has no access to it",
            fix: "accept its terms at {repository?https://huggingface.co/%|its page}, then spacesync "
                + "secrets set {space} HF_TOKEN=env:HF_TOKEN"),
        FailurePattern(
            .missingModel,
            [
                "is not a local folder and is not a valid model identifier|repository not found for url",
                "repositorynotfounderror|404 client error|401 client error",
            ],
            when: [
                .line("huggingface.co|local folder|repositorynotfound|repository not found"),
                .any([
                    .line("{repository} is not a local folder"),
                    .computed { repository(in: $0.lines(0..<5)) },
                ]),
                // The lines after a gated model's 401 name the cause themselves.
                .not(.lines(-8..<8, "gated|is restricted")),
            ],
            why:
                "the app cannot load {repository} from the Hub: the name is wrong, a file is missing, or it is "
                + "private",
            fix: "check https://huggingface.co/{repository}; if it is private, run "
                + "spacesync secrets set {space} HF_TOKEN=env:HF_TOKEN"),
    ]

    /// Returns `owner/name` of `https://huggingface.co/owner/name/resolve/…` in the first line that has it.
    private static func repository(in lines: ArraySlice<NormalizedLine>) -> [String: String]? {
        let urls: LinePattern = "access to model {repository}|huggingface.co/{path*}"
        for line in lines {
            guard let values = urls.captures(in: line) else { continue }
            if let repository = values["repository"] { return ["repository": repository] }
            var parts = (values["path"] ?? "").prefix { !" '".contains($0) }.split(separator: "/")
            if parts.first == "api" { parts.removeFirst() }
            if parts.count > 2, let kind = parts.first, ["models", "datasets", "spaces"].contains(kind) {
                parts.removeFirst()
            }
            guard parts.count > 2 || parts.count == 2 && line.has("for url") else { continue }
            let name = parts.prefix(2).joined(separator: "/")
            if name.isPlainWord { return ["repository": name] }
        }
        return nil
    }
}
