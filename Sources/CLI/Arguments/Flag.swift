import DeploySettings

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

    /// Whether a value of this flag may look like a token: the value of a variable, or a token of
    /// the local Hub.
    func allowsCredentials(_ value: String) -> Bool {
        if ["--variable", "--secret", "--token"].contains(where: names.contains) { return true }
        let key = value.prefix { $0 != "=" }.filter { $0 != " " }.lowercased()
        return self == .set && SettingKey.named(Arguments.keyName(key))?.mayBeToken == true
    }

    /// The flag as help shows it: `-m, --message TEXT`.
    var usage: String {
        names.sorted { $0.count < $1.count }.joined(separator: ", ")
            + (value.map { isOptional ? $0 : " \($0)" } ?? "")
    }
}

/// The flags of several commands. A flag of one command is a member of that command's type.
extension Flag {
    static let json = Flag("--json", "print one JSON object per line to standard output")
    static let quiet = Flag("--quiet -q", "print only results and errors")
    static let verbose = Flag("--verbose -v", "more detail: where each setting comes from, full logs")
    static let noColor = Flag("--no-color", "print without colours")
    static let help = Flag("--help -h", "show this help")
    /// The flags that all commands accept.
    static let output = [json, quiet, verbose, noColor, help]

    static let config = Flag(
        "--config", value: "FILE", "read settings from FILE; they override all other files (repeatable)")
    static let tokenFile = Flag("--token-file", value: "FILE", "read the Hub token from FILE")
    static let set = Flag("-c", value: "KEY=VALUE", "set any key of [space] for this run (repeatable)")
    static let message = Flag("--message -m", value: "TEXT", "subject of the commit on the Space")
    static let dryRun = Flag("--dry-run -n", "show what would change; push nothing")
    static let noWait = Flag("--no-wait --detach", "do not follow the build")
    static let yes = Flag(
        "--yes -y", "answer yes to all questions, except whether to deploy again after a rollback")
    static let wait = Flag(
        "--wait", value: "TIME", "how long to wait while another run deploys to the same Space (60s)")
    static let prune = Flag(
        "--prune",
        "remove variables that are not in the settings (only if the settings have any); the same for secrets")
    static let force = {
        var flag = Flag(
            "--force", value: "[=GUARDS]", sets: "",
            "skip guards: without GUARDS drift, deletes and adopt, otherwise only the given ones "
                + "(drift, deletes, sdk, history, rollback, repository, behind, adopt; separated by commas)")
        flag.isOptional = true
        return flag
    }()
    static let adopt = Flag(
        "--adopt",
        "overwrite and remove files on a Space that spacesync never deployed to (--force=adopt)")
    static let wake = Flag("--wake", key: "wake", "restart a paused or sleeping Space after the push")
    static let timeout = Flag(
        "--timeout", value: "TIME", key: "timeout", "time limit for build, start and probes (20m)")

    static let source = Flag(
        "--source", value: "PATH|URL", key: "source", "the source: a local repository or a Git URL")
    static let branch = Flag(
        "--branch", value: "FROM[:TO]", key: "branch",
        "FROM: branch, tag or commit of the source (the current branch); TO: branch of the Space (main)")
    static let drift = Flag(
        "--drift", value: "MODE", key: "drift", "refuse, merge or overwrite edits made on the Space")
    static let create = Flag("--create", key: "create", "create the Space if it does not exist")
    static let visibility = Flag(
        "--visibility", value: "V", key: "visibility", "public, private or protected")

    /// The flags of the settings keys that define a deploy.
    static let target = [
        source, branch,
        Flag(
            "--root", value: "DIR", key: "root",
            "deploy this directory of the source as the root of the Space"),
        Flag(
            "--include", value: "PATTERN", key: "include",
            "deploy only matching files (repeatable, replaces the settings)"),
        Flag(
            "--exclude", value: "PATTERN", key: "exclude",
            "do not deploy matching files (repeatable, replaces the settings)"),
        Flag(
            "--map", value: "FROM:TO", key: "map",
            "deploy a file or directory to another path (repeatable, replaces the settings)"
        ),
        drift,
        Flag("--dockerfile", value: "PATH", key: "dockerfile", "deploy this file as the Dockerfile"),
        Flag("--image", value: "NAME:TAG", key: "image", "use this container image as the base of the build"),
        Flag("--sdk", value: "SDK", key: "sdk", "docker, gradio or static"),
        set, config, tokenFile,
    ]
    /// The flags of the settings keys that apply to a new Space.
    static let creating = [
        create, visibility,
        Flag(
            "--hardware", value: "FLAVOUR", key: "hardware",
            "hardware type; a more expensive one requires confirmation"),
    ]
    /// The flags of `push` besides `target`.
    static let push =
        creating + [
            timeout,
            message, dryRun, noWait,
            wake,
            Flag("--rebuild", key: "rebuild", sets: "factory", "rebuild without cache after the push"),
            prune, wait, force, adopt, yes,
        ]

    static let diff = Flag("--diff", "show the changes of README.md and Dockerfile line by line")
    static let out = Flag("--out", value: "FILE", "save the plan for push --plan FILE")
    static let plan = Flag(
        "--plan", value: "FILE",
        "push the plan saved by plan --out FILE; refuse if anything changed since then")
    static let exitCode = Flag(
        "--exit-code", "exit with 10 if there are changes to push or a commit is held back")

    /// The flags that all commands for a Space on the Hub accept.
    static let spaceCommand = [config, tokenFile]
    /// The repository type, a flag of `hf`; only `space` is accepted.
    static let type = Flag("--type --repo-type", value: "space", "repository type, as in hf")
    static let sleepTime = Flag(
        "--sleep-time", value: "TIME", "idle time before the Space goes to sleep (1h, never)")

    static let envFile = Flag(
        "--env-file", value: "FILE", "read variables from FILE, one NAME=value per line (-: standard input)")
    static let secretsFile = Flag(
        "--secrets-file", value: "FILE", "read secrets from FILE, one NAME=value per line (-: standard input)"
    )
    static let secret = Flag(
        "--secret -s --secrets", value: "NAME[=PLACE]",
        "set a secret from the environment variable NAME, or from env:X, file:P or - (standard input) (repeatable)"
    )
    static let variable = Flag(
        "--variable -e --env", value: "NAME=VALUE",
        "set a variable, which all who see the Space can read (repeatable)")
}
