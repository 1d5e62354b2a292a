/// A command-line flag.
struct Flag: Hashable, Sendable {
    /// All spellings; help shows the first one.
    let names: [String]
    /// The placeholder of the value in help; `nil` if the flag has no value.
    let value: String?
    let summary: String
    /// The settings key that the flag sets, for the named equivalents of `-c`.
    var key: String?
    /// The value that is set if the flag has no value.
    var sets = "true"
    /// The value is optional and must be attached (`--force=drift`).
    var isOptional = false

    /// - Parameter names: the spellings, separated by spaces.
    init(_ names: String, value: String? = nil, key: String? = nil, sets: String = "true", _ summary: String)
    {
        self.names = names.split(separator: " ").map { String($0) }
        (self.value, self.summary) = (value, summary)
        (self.key, self.sets) = (key, sets)
    }

    /// The flag as help shows it: `-m, --message TEXT`.
    var usage: String {
        names.sorted { $0.count < $1.count }.joined(separator: ", ")
            + (value.map { isOptional ? $0 : " \($0)" } ?? "")
    }
}

extension Flag {
    static let json = Flag("--json", "one JSON object a line on standard output")
    static let quiet = Flag("--quiet -q", "only results and errors")
    static let verbose = Flag("--verbose -v", "more of the story: settings with their origin, whole logs")
    static let noColor = Flag("--no-color", "no colours")
    static let help = Flag("--help -h", "this text")
    static let output = [json, quiet, verbose, noColor, help]

    static let config = Flag(
        "--config", value: "FILE", "settings from FILE, over all other files (repeatable)")
    static let tokenFile = Flag("--token-file", value: "FILE", "reads the Hub token from FILE")
    static let set = Flag("-c", value: "KEY=VALUE", "any key of the target for this run (repeatable)")
    static let message = Flag("--message -m", value: "TEXT", "subject of the commit")
    static let dryRun = Flag("--dry-run -n", "plan only")
    static let noWait = Flag("--no-wait --detach", "does not follow the build")
    static let yes = Flag("--yes -y", "answers every question with yes")
    static let wait = Flag(
        "--wait", value: "TIME", "how long to wait for another run that is at the same Space (60s)")
    static let prune = Flag("--prune", "removes variables and secrets that the settings do not name")
    static let force = {
        var flag = Flag(
            "--force", value: "[=GUARDS]", sets: "",
            "passes the guards drift, deletes and adopt, or those named "
                + "(drift,deletes,sdk,history,rollback,repository,behind,adopt)")
        flag.isOptional = true
        return flag
    }()
    static let adopt = Flag(
        "--adopt", "replaces files on a Space that spacesync never deployed to (--force=adopt)")
    static let wake = Flag("--wake", key: "wake", "restarts a paused or sleeping Space after the push")
    static let timeout = Flag(
        "--timeout", value: "TIME", key: "timeout", "limit for build, start and probes (20m)")

    /// The flags of the settings keys that define a deploy.
    static let target = [
        Flag(
            "--source", value: "PATH|URL", key: "source", "what is deployed: a repository here, or a Git URL"),
        Flag("--branch", value: "FROM[:TO]", key: "branch", "source branch, tag or commit, `:` Space branch"),
        Flag("--root", value: "DIR", key: "root", "this directory of the source becomes the Space's root"),
        Flag(
            "--include", value: "PATTERN", key: "include",
            "only what matches (repeatable, replaces the settings')"),
        Flag("--exclude", value: "PATTERN", key: "exclude", "all but what matches (repeatable, replaces)"),
        Flag(
            "--map", value: "FROM:TO", key: "map", "puts a file or directory elsewhere (repeatable, replaces)"
        ),
        Flag(
            "--drift", value: "MODE", key: "drift", "refuse, merge or overwrite what was changed on the Space"
        ),
        Flag("--dockerfile", value: "PATH", key: "dockerfile", "which file becomes the Dockerfile"),
        Flag("--image", value: "NAME:TAG", key: "image", "builds the Space on this container image"),
        Flag("--sdk", value: "SDK", key: "sdk", "docker, gradio or static"),
        set, config, tokenFile,
    ]
    static let creating = [
        Flag("--create", key: "create", "makes the Space when it is not there"),
        Flag(
            "--visibility", value: "V", key: "visibility",
            "public, private or protected"),
        Flag(
            "--hardware", value: "FLAVOUR", key: "hardware",
            "what the Space runs on; a dearer one needs a yes"),
    ]
    static let push =
        creating + [
            timeout,
            message, dryRun, noWait,
            wake,
            Flag("--rebuild", key: "rebuild", sets: "factory", "rebuilds without cache"),
            prune, wait, force, adopt, yes,
        ]
}
