/// What is known of causes: whose they are to mend, and how. The Hub's texts: hub-docs, forum, issues (hub-api.md 4.4).
enum Diagnosis {
    /// The Hub's own machinery failed; nothing in the Space is to be mended.
    static func isPlatformFault(_ words: [String]) -> Bool {
        let marks = [
            "unexpected job error", "scheduling failure", "not enough hardware capacity",
            "failed to create containerd task",
        ]
        return words.contains { word in
            let text = word.lowercased()
            if marks.contains(where: { text.contains($0) }) { return true }
            return text.contains("spaces-registry")
                && ["401 unauthorized", "failed to push", " 50"].contains { text.contains($0) }
        }
    }

    /// The last step that a build's log names, without its arrow.
    static func failingStep(in lines: [String]) -> String? {
        lines.last { $0.hasPrefix("--> ") }.map { String($0.dropFirst(4)) }
    }

    /// The first line that speaks of an error within the last step of a build.
    static func firstError(in lines: [String]) -> String? {
        let step = lines.lastIndex { $0.hasPrefix("--> ") } ?? lines.startIndex
        let inStep = lines[step...].dropFirst().first(where: speaksOfError)
        return inStep ?? lines.last(where: speaksOfError)
    }

    private static func speaksOfError(_ line: String) -> Bool {
        let text = line.lowercased()
        guard !text.contains("0 errors"), !text.contains("warning") else { return false }
        return ["error", "failed", "fatal", "not found", "no such file", "denied", "exception", "cannot "]
            .contains { text.contains($0) }
    }

    static func hint(for kind: WatchOutcome.Kind, space: SpaceID, words: [String]) -> String? {
        if isPlatformFault(words), [.buildError, .runtimeError].contains(kind) {
            return
                "the Hub's platform failed, not the Space: try again later with --rebuild, or restart it on its page"
        }
        return switch kind {
        case .buildError: buildHint(words)
        case .runtimeError: runtimeHint(words, space)
        case .configError:
            "the README needs front matter that the Hub can use: --- / sdk: docker / --- at its very beginning"
        case .noAppFile:
            "a Docker Space needs a file named Dockerfile at its root; set dockerfile, image or template"
        case .paused: "only its owner can wake it: spacesync push \(space) --wake"
        case .sleeping, .stopped: "a visit wakes it, or spacesync push \(space) --wake"
        case .deleting: "the Space is being deleted; push with --create makes a new one"
        case .timedOut: "it goes on at the Hub: spacesync watch \(space) takes it up again"
        case .running, .superseded: nil
        }
    }

    private static func buildHint(_ words: [String]) -> String {
        causes(
            words,
            [
                (["exit code: 137", "out of memory"], "the build ran out of memory: build less at once"),
                (
                    ["failed to calculate checksum", "failed to compute cache key"],
                    "a COPY names what the Space does not hold: look at include, exclude and .dockerignore"
                ),
                (["no space left on device"], "the build ran out of disk (50 GB)"),
                (
                    ["permission denied"],
                    "the Hub runs containers as uid 1000: COPY --chown=user, and a USER of that uid"
                ),
                (
                    ["failed to resolve source metadata", "pull access denied"],
                    "the base image cannot be pulled"
                ),
            ])
            ?? "mend the failing step and push again; spacesync export writes the same tree to a folder, for docker build"
    }

    private static func runtimeHint(_ words: [String], _ space: SpaceID) -> String {
        causes(
            words,
            [
                (
                    ["was not healthy", "launch timed out"],
                    "the app must answer on 0.0.0.0 at the card's app_port (7860) in time; startup_duration_timeout allows more"
                ),
                (
                    ["exit code: 137", "out of memory"],
                    "the app ran out of memory: use less, or larger hardware"
                ),
                (["exit code: 0"], "the app ended by itself: its command must stay in the foreground"),
                (["exec format error"], "the image is not for linux/amd64"),
                (["permission denied"], "the Hub runs containers as uid 1000: give it what it writes"),
                (["exit code: 127", "not found"], "the command is not in the image"),
            ]) ?? "mend the app and push again"
    }

    private static func causes(_ words: [String], _ known: [(marks: [String], hint: String)]) -> String? {
        let texts = words.map { $0.lowercased() }
        return known.first { cause in
            cause.marks.contains { mark in texts.contains { $0.contains(mark) } }
        }?.hint
    }
}
