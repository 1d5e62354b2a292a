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
    static let json = Flag("--json", "one JSON object a line on standard output")
    static let quiet = Flag("--quiet -q", "only results and errors")
    static let verbose = Flag("--verbose -v", "more of the story: settings with their origin, whole logs")
    static let noColor = Flag("--no-color", "no colours")
    static let help = Flag("--help -h", "this text")
    /// The flags that all commands accept.
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

    static let source = Flag(
        "--source", value: "PATH|URL", key: "source", "what is deployed: a repository here, or a Git URL")
    static let branch = Flag(
        "--branch", value: "FROM[:TO]", key: "branch", "source branch, tag or commit, `:` Space branch")
    static let drift = Flag(
        "--drift", value: "MODE", key: "drift", "refuse, merge or overwrite what was changed on the Space")
    static let create = Flag("--create", key: "create", "makes the Space when it is not there")
    static let visibility = Flag(
        "--visibility", value: "V", key: "visibility", "public, private or protected")

    /// The flags of the settings keys that define a deploy.
    static let target = [
        source, branch,
        Flag("--root", value: "DIR", key: "root", "this directory of the source becomes the Space's root"),
        Flag(
            "--include", value: "PATTERN", key: "include",
            "only what matches (repeatable, replaces the settings')"),
        Flag("--exclude", value: "PATTERN", key: "exclude", "all but what matches (repeatable, replaces)"),
        Flag(
            "--map", value: "FROM:TO", key: "map", "puts a file or directory elsewhere (repeatable, replaces)"
        ),
        drift,
        Flag("--dockerfile", value: "PATH", key: "dockerfile", "which file becomes the Dockerfile"),
        Flag("--image", value: "NAME:TAG", key: "image", "builds the Space on this container image"),
        Flag("--sdk", value: "SDK", key: "sdk", "docker, gradio or static"),
        set, config, tokenFile,
    ]
    /// The flags of the settings keys that apply to a new Space.
    static let creating = [
        create, visibility,
        Flag(
            "--hardware", value: "FLAVOUR", key: "hardware",
            "what the Space runs on; a dearer one needs a yes"),
    ]
    /// The flags of `push` besides `target`.
    static let push =
        creating + [
            timeout,
            message, dryRun, noWait,
            wake,
            Flag("--rebuild", key: "rebuild", sets: "factory", "rebuilds without cache"),
            prune, wait, force, adopt, yes,
        ]

    static let diff = Flag("--diff", "the texts of README.md and Dockerfile, line by line")
    static let out = Flag("--out", value: "FILE", "keeps the plan for push --plan FILE")
    static let plan = Flag(
        "--plan", value: "FILE", "pushes what plan --out FILE showed, or nothing when something moved since")
    static let exitCode = Flag("--exit-code", "exit 10 when changes are pending")

    /// The flags that all commands for a Space on the Hub accept.
    static let spaceCommand = [config, tokenFile]
    /// The repository type, a flag of `hf`; only `space` is accepted.
    static let type = Flag("--type --repo-type", value: "space", "what hf would make")
    static let sleepTime = Flag(
        "--sleep-time", value: "TIME", "after how long without a visit it sleeps (1h, never)")

    static let envFile = Flag(
        "--env-file", value: "FILE", "variables, one NAME=value a line (- is standard input)")
    static let secretsFile = Flag(
        "--secrets-file", value: "FILE", "secrets, one NAME=value a line (- is standard input)")
    static let secret = Flag(
        "--secret -s --secrets", value: "NAME[=PLACE]",
        "a secret: the environment's NAME, or env:X, file:P, - (repeatable)")
    static let variable = Flag(
        "--variable -e --env", value: "NAME=VALUE", "a variable, for everybody to read (repeatable)")
}
