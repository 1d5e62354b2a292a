extension Clue {
    /// What the Hub says of itself, and of the account.
    static let hub: [Clue] = [
        Clue("402 payment required", "requires a pro subscription", "payment required") { at in
            Explanation(
                cause: .payment, why: "the plan of the account does not allow this",
                mend: "a Docker or Gradio Space on free hardware needs PRO (https://huggingface.co/pro); "
                    + "sdk = static is free, and paid hardware needs a payment method",
                weight: .hub)
        },
        Clue("hardware quota", "quota limit", "quota exceeded") { at in
            guard at.line.isHub || at.line.has(anyOf: ["spaces", "hardware"]) else { return nil }
            return Explanation(
                cause: .quota, why: "the account's hardware is all in use",
                mend:
                    "pause another Space (spacesync list shows them, spacesync pause SPACE), then spacesync restart \(at.space)",
                weight: .hub)
        },
        Clue("repository storage limit reached") { at in
            Explanation(
                cause: .repositorySize, why: "the Space's repository holds more than the Hub allows",
                mend:
                    "exclude what the app does not need, keep large files in a model or dataset repository or a volume, "
                    + "and push again", weight: .hub)
        },
        Clue("memory limit exceeded") { at in
            memory(
                at, "the app needed more than the \(at.text.after("(")?.before(")") ?? "memory") it has", .hub
            )
        },
        Clue("storage limit exceeded") { at in
            Explanation(
                cause: .disk,
                why: "the app wrote more than its disk holds (\(at.text.after("(")?.before(")") ?? "50G"))",
                mend: "fetch less at the start, clean up caches, or keep the data on a volume", weight: .hub)
        },
        Clue("scheduling failure") { at in
            Explanation(
                cause: .scheduling,
                why: "the Hub found no machine for the app, which says nothing about the app",
                mend:
                    "later: spacesync restart \(at.space); or other hardware: spacesync hardware \(at.space)",
                weight: .hub)
        },
        Clue("collision on variables and secrets") { at in
            Explanation(
                cause: .configuration, why: "one name is both a variable and a secret of the Space",
                mend:
                    "keep one of them: spacesync variables unset \(at.space) NAME, or spacesync secrets unset "
                    + "\(at.space) NAME (list in place of unset shows the names); then spacesync restart \(at.space)",
                weight: .hub)
        },
        Clue("unexpected job error") { at in platform("the Hub's builder failed", at) },
        Clue("error while cloning repository") { at in
            platform("the Hub's builder could not read the Space", at)
        },
        Clue("spaces-registry", "registry.hf.space") { at in
            let isFault = at.line.has(anyOf: [
                "failed to push", "failed to pull", "failed to authorize", "401 unauthorized",
                "403 forbidden",
                "500 internal", "502 bad", "503 service", "504 gateway", "timeout", "eof", "connection reset",
            ])
            return isFault ? platform("the Hub's registry did not take the image", at) : nil
        },
        Clue("failed to create containerd task", "failed to create shim task", "oci runtime create failed") {
            at in
            if let start = start(at) { return start }
            return platform("the Hub could not start a container", at)
        },
        Clue("rpc error: code = unavailable", "error reading from server: eof") { at in
            at.symptoms.isBuild ? platform("the Hub's builder went away", at, .likely) : nil
        },
    ]

    private static func platform(_ why: String, _ at: Sighted, _ weight: Explanation.Weight = .hub)
        -> Explanation
    {
        let mend =
            at.symptoms.isBuild
            ? "try again later: spacesync push \(at.space) --rebuild"
            : "try again later: spacesync restart \(at.space)"
        return Explanation(
            cause: .platform, why: "\(why); nothing in the Space is to be mended", mend: mend, weight: weight)
    }

    static func memory(_ at: Sighted, _ why: String, _ weight: Explanation.Weight) -> Explanation {
        Explanation(
            cause: .outOfMemory, why: why,
            mend: at.symptoms.isBuild
                ? "build less at once (fewer jobs, --no-cache-dir, a smaller base image), or bring what is built in an image"
                : "load less (a smaller model, fewer workers), or larger hardware: spacesync hardware \(at.space)",
            weight: weight)
    }

    /// What the container's command is, as the runtime complains of it: `exec: "uvicorn": executable file not found`.
    private static func start(_ at: Sighted) -> Explanation? {
        guard let said = at.text.after("exec: ") else { return nil }
        let name = said.quoted ?? "the command"
        let line = SearchedLine(said)
        if line.has("permission denied") { return notExecutable(name, .hub) }
        if line.has("format error") { return execFormat(.hub) }
        guard line.has(anyOf: ["not found", "no such file"]) else { return nil }
        return Explanation(
            cause: .missingCommand, why: "the image has no \(name), which its CMD or ENTRYPOINT names",
            mend: ["node", "npm", "npx"].contains(name)
                ? node(name, at)
                : "install it in the Dockerfile, or mend the CMD (command = … of the target)", weight: .hub)
    }

    static func notExecutable(_ name: String, _ weight: Explanation.Weight = .sure) -> Explanation {
        Explanation(
            cause: .permission, why: "\(name) is not executable",
            mend:
                "git update-index --chmod=+x on it in the source, or RUN chmod +x \(name) in the Dockerfile",
            weight: weight)
    }

    static func execFormat(_ weight: Explanation.Weight = .sure) -> Explanation {
        Explanation(
            cause: .execFormat,
            why: "the program is not for the Hub's machines (linux/amd64), or a script without #! line",
            mend:
                "build the image with docker build --platform linux/amd64; give a script #!/bin/sh as its first line",
            weight: weight)
    }
}
