import TextTools

extension SettingKey {
    /// The keys of a `[space]` section, in the order of the README: the implemented part of the table
    /// in design.md 3.2. A row is all that a key needs.
    package static let all: [SettingKey] = [
        SettingKey(
            "source", .single(\.source, SettingParser.source), .operational, .deploy,
            "path or Git URL (https, file, ssh) of the repository to deploy",
            defaultValue: "the repository that contains the file", isURL: true, hasFlag: true),
        SettingKey(
            "branch", .single(\.branch, SettingParser.branch), .content, .deploy,
            "`FROM:TO`: branch, tag or commit of the source, and branch of the Space; FROM is looked up locally, then at `origin`",
            defaultValue: "`HEAD:main`", hasFlag: true, bindsBranch: true),
        SettingKey(
            "root", .single(\.root, SettingParser.directory), .content, .files(.locations),
            "directory of the source that becomes the root of the Space",
            defaultValue: "the whole repository", hasFlag: true),
        SettingKey(
            "include", .list(\.include, SettingParser.pattern), .content, .files(.patterns),
            "gitignore patterns below `root`: only matching files are deployed",
            defaultValue: "everything except `.spacesync`, `.github/` and similar files",
            hasFlag: true),
        SettingKey(
            "exclude", .list(\.exclude, SettingParser.pattern), .content, .files(.patterns),
            "gitignore patterns of files that are not deployed; after `include`, the last match wins",
            hasFlag: true),
        SettingKey(
            "map", .list(\.maps, Mapping.init), .content, .files(.locations),
            "`FROM:TO`: deploys a file or directory (`hf/:/`) to another path; FROM is relative to the root of the repository; it overrides selected files, later entries win",
            hasFlag: true),
        SettingKey(
            "add", .list(\.adds, Mapping.init), .operational, .files(.workTree),
            "`FROM:TO`, as `map`, but from your working tree, including untracked files (`dist/:/`); not available in a hook"
        ),
        SettingKey(
            "keep", .list(\.keep, SettingParser.pattern), .content, .files(.spaceFiles),
            "gitignore patterns of files on the Space that are never removed or overwritten, even if the source has them"
        ),
        SettingKey(
            "sdk", .single(\.sdk, SettingParser.choice("docker", "gradio", "static")), .content, .content,
            "`docker`, `gradio` or `static`",
            defaultValue: "the card's; docker if there is a Dockerfile", hasFlag: true),
        SettingKey(
            "dockerfile", .single(\.dockerfile, SettingParser.file), .content, .files(.dockerfile),
            "file of the source that is deployed as `/Dockerfile`",
            defaultValue: "the Dockerfile among the selected files", hasFlag: true),
        SettingKey(
            "image", .single(\.image, SettingParser.image), .operational, .files(.dockerfile),
            "container image that is the base of the build: sets `ARG BASE_IMAGE` of the Dockerfile, or generates a Dockerfile if there is none",
            hasFlag: true),
        SettingKey(
            "pin", .flag(\.pin, SettingParser.flag), .operational, .content,
            "use the digest of the image, so that a moved tag counts as a change",
            defaultValue: "true"),
        SettingKey(
            "template", .single(\.template, SettingParser.template), .content, .files(.dockerfile),
            "`python`, `node`: the Dockerfile to generate if the source has none and the sdk is docker",
            defaultValue: "detected from the source"),
        SettingKey(
            "env", .list(\.env, SettingParser.environmentVariable), .content, .generatedDockerfile,
            "`NAME=value`: an ENV line of the generated Dockerfile",
            confidentiality: .confidential),
        SettingKey(
            "command", .single(\.command, SettingParser.command), .content, .generatedDockerfile,
            "CMD of the generated Dockerfile, as typed into a shell",
            defaultValue: "the image's, or detected by the template"),
        SettingKey(
            "port", .single(\.port, SettingParser.port), .content, .generatedDockerfile,
            "port of the generated Dockerfile",
            defaultValue: "the card's `app_port`, otherwise 7860"),
        SettingKey(
            "card", .list(\.card, SettingParser.card), .content, .content,
            "`KEY: VALUE` in the front matter of the README (`card = app_port: 7860`)"),
        SettingKey(
            "cardFile", .single(\.cardFile, SettingParser.file), .content, .content,
            "YAML file of the source with card keys that are missing in its README; `card` overrides both"),
        SettingKey(
            "lfs", .single(\.lfs, SettingParser.choice("auto", "off")), .content, .content,
            "`auto`: files that are binary, over 10 MiB or `filter=lfs` in `.gitattributes` are uploaded with Git LFS; `off`: they are refused",
            defaultValue: "auto"),
        SettingKey(
            "create", .flag(\.create, SettingParser.flag), .operational, .run,
            "create the Space if it does not exist",
            defaultValue: "asks on a terminal, otherwise refused", hasFlag: true),
        SettingKey(
            "visibility", .single(\.visibility, SettingParser.choice("public", "private", "protected")),
            .operational, .deploy,
            "`public`, `private` or `protected`; a more visible Space requires confirmation",
            defaultValue: "not changed; a new Space is private", hasFlag: true),
        SettingKey(
            "variable", .list(\.variables, uniqueBy: \.reference.name, SettingParser.variable), .operational,
            .deploy,
            "`NAME=value`, `NAME=env:X` or `NAME=file:PATH`: a variable of the Space; all who see the Space can read it",
            defaultValue: "not changed", confidentiality: .confidential, mayBeToken: true),
        SettingKey(
            "secret", .list(\.secrets, uniqueBy: \.reference.name, SettingParser.secret), .operational,
            .deploy,
            "`NAME` (from the environment), `NAME=env:X` or `NAME=file:PATH`; `NAME?` if the app also runs without it",
            defaultValue: "not changed", confidentiality: .secret, placeholder: "NAME"),
        SettingKey(
            "hardware", .single(\.hardware, SettingParser.hardware), .operational, .deploy,
            "hardware type (`spacesync hardware` lists all types); a more expensive one requires confirmation",
            defaultValue: "not changed", hasFlag: true),
        SettingKey(
            "sleepTime", .single(\.sleepTime, SettingParser.sleepTime), .operational, .deploy,
            "`1h`, `2d`, `never`: idle time before the Space goes to sleep",
            defaultValue: "not changed"),
        SettingKey(
            "drift", .single(\.drift, SettingParser.choice("refuse", "merge", "overwrite")), .operational,
            .deploy,
            "edits made on the Space since the last deploy: `refuse` stops and shows them, `merge` keeps them, `overwrite` replaces them",
            defaultValue: "refuse", hasFlag: true),
        SettingKey(
            "deleteLimit", .single(\.deleteLimit, SettingParser.deleteLimit), .operational, .run,
            "a deploy that removes more files of the Space than this (a number, or `30%`) requires `--force`",
            defaultValue: "half of the files, and more than 10"),
        SettingKey(
            "history", .single(\.history, SettingParser.choice("snapshot", "source")), .operational, .deploy,
            "`snapshot`: one commit per deploy; `source`: the commits of the source, fast-forward only",
            defaultValue: "snapshot"),
        SettingKey(
            "allowCredential", .list(\.allowCredential, SettingParser.text), .operational, .deploy,
            "gitignore patterns of files that may contain text that looks like a credential"),
        SettingKey(
            "trace", .single(\.trace, SettingParser.choice("full", "commit", "none")), .operational, .deploy,
            "how much the commit on the Space shows about its source: `full`, `commit`, `none`",
            defaultValue: "full"),
        SettingKey(
            "probe", .list(\.probes, SettingParser.probe), .content, .deploy,
            "`METHOD PATH [STATUS] [body=FILE] [contains=TEXT]`: request that is sent to the running app; FILE is a file of the source",
            defaultValue: "none; METHOD is GET, STATUS is any 2xx or 3xx"),
        SettingKey(
            "probeHeader", .list(\.probeHeaders, SettingParser.probeHeader), .operational, .deploy,
            "`NAME: VALUE`: header of every probe; `env:X` and `file:P` in VALUE are replaced with their values; the Hub token is sent only if you name it here, in your own settings",
            confidentiality: .secret, fileMarker: "file:"),
        SettingKey(
            "timeout", .single(\.timeout, SettingParser.duration(hint: "use 20m, 90s, 500ms or 1h30m")),
            .content, .run,
            "time limit for build, start and probes together",
            defaultValue: "20m", hasFlag: true, limit: sourceTimeout),
        SettingKey(
            "wake", .flag(\.wake, SettingParser.flag), .operational, .run,
            "restart a paused or sleeping Space after a push",
            defaultValue: "false", hasFlag: true),
        SettingKey(
            "rebuild", .single(\.rebuild, SettingParser.rebuild), .operational, .run,
            "`factory`: rebuild without cache after a push",
            hasFlag: true),
        SettingKey(
            "notify", .single(\.notify, SettingParser.webhook), .operatorOnly, .deploy,
            "https URL, or `env:NAME` with one, that receives the result as JSON when the outcome of `mirror` changes",
            confidentiality: .secret, isURL: true),
        SettingKey(
            "rollbackOnFailure", .flag(\.rollbackOnFailure, SettingParser.flag), .operational, .deploy,
            "if the build, the app or a probe fails, restore the deploy that was running before, otherwise the newest one that ran; attempted once",
            defaultValue: "false"),
        SettingKey(
            "manual", .flag(\.manual, SettingParser.flag), .operational, .run,
            "deployed only if named on the command line",
            defaultValue: "false"),
    ]

    /// The maximum `timeout` in a source's settings file if the operator sets none.
    private static let longestSourceTimeout = Duration.seconds(2 * 3600)

    /// Returns `timeout` of a source's settings file: it must not make an unattended mirror pass or
    /// hook run longer than the operator allows.
    @Sendable private static func sourceTimeout(_ value: String, _ operatorValue: String?) -> String {
        guard let requested = Duration(text: value) else { return value }
        let limit = operatorValue.flatMap { Duration(text: $0) } ?? longestSourceTimeout
        return requested > limit ? limit.text(.setting) : value
    }
}
