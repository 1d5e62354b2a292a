import TextTools

extension SettingKey {
    /// The keys of a `[space]` section, in the order of the README: the implemented part of the table
    /// in design.md 3.2. A row is all that a key needs.
    package static let all: [SettingKey] = [
        SettingKey(
            "source", .single(\.source, SettingParser.source), .operational, .deploy,
            "path or Git URL (https, file, ssh) that is deployed",
            defaultValue: "the repository the file is in", isURL: true, hasFlag: true),
        SettingKey(
            "branch", .single(\.branch, SettingParser.branch), .content, .deploy,
            "source branch, tag or commit, `:` Space branch; looked up locally, then at `origin`",
            defaultValue: "HEAD`:main`", hasFlag: true, bindsBranch: true),
        SettingKey(
            "root", .single(\.root, SettingParser.directory), .content, .files(.locations),
            "this directory of the source becomes the Space's root",
            defaultValue: "all", hasFlag: true),
        SettingKey(
            "include", .list(\.include, SettingParser.pattern), .content, .files(.patterns),
            "gitignore patterns below `root` that are deployed",
            defaultValue: "everything but what is left out, see below", hasFlag: true),
        SettingKey(
            "exclude", .list(\.exclude, SettingParser.pattern), .content, .files(.patterns),
            "gitignore patterns that are not; after include, last match wins",
            hasFlag: true),
        SettingKey(
            "map", .list(\.maps, SettingParser.mapping), .content, .files(.locations),
            "`FROM:TO`, file or directory (`hf/:/`), FROM from the repository's top, laid over the selection, later wins",
            hasFlag: true),
        SettingKey(
            "add", .list(\.adds, SettingParser.mapping), .operational, .files(.workTree),
            "`FROM:TO`, as `map`, but as it lies in your own work tree, untracked files too (`dist/:/`); not in a hook"
        ),
        SettingKey(
            "keep", .list(\.keep, SettingParser.pattern), .content, .files(.spaceFiles),
            "the Space's own paths: never removed or overwritten"),
        SettingKey(
            "sdk", .single(\.sdk, SettingParser.choice("docker", "gradio", "static")), .content, .content,
            "`docker`, `gradio` or `static`",
            defaultValue: "the card's; docker when there is a Dockerfile", hasFlag: true),
        SettingKey(
            "dockerfile", .single(\.dockerfile, SettingParser.file), .content, .files(.dockerfile),
            "which file of the source becomes `/Dockerfile`",
            defaultValue: "the selection's own", hasFlag: true),
        SettingKey(
            "image", .single(\.image, SettingParser.image), .operational, .files(.dockerfile),
            "layered build: a container image that the Space is built on; a Dockerfile is written, or its `ARG BASE_IMAGE` set",
            hasFlag: true),
        SettingKey(
            "pin", .flag(\.pin, SettingParser.flag), .operational, .content,
            "the image by its digest, so that a moved tag is a change",
            defaultValue: "true"),
        SettingKey(
            "template", .single(\.template, SettingParser.template), .content, .files(.dockerfile),
            "`python`, `node`: the Dockerfile to write when the source has none and the sdk is docker",
            defaultValue: "by what the source holds"),
        SettingKey(
            "env", .list(\.env, SettingParser.environmentVariable), .content, .generatedDockerfile,
            "`NAME=value`: an ENV line of a Dockerfile that is written",
            confidentiality: .confidential),
        SettingKey(
            "command", .single(\.command, SettingParser.command), .content, .generatedDockerfile,
            "its CMD, as typed into a shell",
            defaultValue: "the image's, or what the template finds"),
        SettingKey(
            "port", .single(\.port, SettingParser.port), .content, .generatedDockerfile,
            "its port",
            defaultValue: "the card's `app_port`, else 7860"),
        SettingKey(
            "card", .list(\.card, SettingParser.card), .content, .content,
            "`KEY: VALUE` of the README's front matter (`card = app_port: 7860`)"),
        SettingKey(
            "cardFile", .single(\.cardFile, SettingParser.file), .content, .content,
            "a YAML file of the source with keys of the card that its README lacks; `card` goes over both"),
        SettingKey(
            "lfs", .single(\.lfs, SettingParser.choice("auto", "off")), .content, .content,
            "`auto`: what is binary, over 10 MiB or `filter=lfs` in the `.gitattributes` goes by Git LFS; `off`: it is refused",
            defaultValue: "auto"),
        SettingKey(
            "create", .flag(\.create, SettingParser.flag), .operational, .run,
            "make the Space when it is not there",
            defaultValue: "asked on a terminal, else refused", hasFlag: true),
        SettingKey(
            "visibility", .single(\.visibility, SettingParser.choice("public", "private", "protected")),
            .operational, .deploy,
            "`public`, `private` or `protected`; showing what was hidden needs a yes",
            defaultValue: "not touched; of a Space that is created private", hasFlag: true),
        SettingKey(
            "variable", .list(\.variables, uniqueBy: \.reference.name, SettingParser.variable), .operational,
            .deploy,
            "`NAME=value`, `NAME=env:X` or `NAME=file:PATH`: a variable of the Space, which everybody can read",
            defaultValue: "not touched", confidentiality: .confidential, mayBeToken: true),
        SettingKey(
            "secret", .list(\.secrets, uniqueBy: \.reference.name, SettingParser.secret), .operational,
            .deploy,
            "`NAME` (the environment's), `NAME=env:X` or `NAME=file:PATH`; `NAME?` where the app runs without it",
            defaultValue: "not touched", confidentiality: .secret, placeholder: "NAME"),
        SettingKey(
            "hardware", .single(\.hardware, SettingParser.hardware), .operational, .deploy,
            "a flavour of the Hub (`spacesync hardware` lists them); a dearer one needs a yes",
            defaultValue: "not touched", hasFlag: true),
        SettingKey(
            "sleepTime", .single(\.sleepTime, SettingParser.sleepTime), .operational, .deploy,
            "`1h`, `2d`, `never`: so long without a visit until it sleeps",
            defaultValue: "not touched"),
        SettingKey(
            "drift", .single(\.drift, SettingParser.choice("refuse", "merge", "overwrite")), .operational,
            .deploy,
            "what was changed on the Space since the last deploy: `refuse` shows it, `merge` keeps it, `overwrite` goes over it",
            defaultValue: "refuse", hasFlag: true),
        SettingKey(
            "deleteLimit", .single(\.deleteLimit, SettingParser.deleteLimit), .operational, .run,
            "a deploy that removes more of the Space's files (a number, or `30%`) needs `--force`",
            defaultValue: "half, and more than 10"),
        SettingKey(
            "history", .single(\.history, SettingParser.choice("snapshot", "source")), .operational, .deploy,
            "`snapshot`: one commit a deploy; `source`: the source's own commits, fast-forward only",
            defaultValue: "snapshot"),
        SettingKey(
            "allowCredential", .list(\.allowCredential, SettingParser.text), .operational, .deploy,
            "gitignore patterns of files that may hold what looks like a credential"),
        SettingKey(
            "trace", .single(\.trace, SettingParser.choice("full", "commit", "none")), .operational, .deploy,
            "what the Space's commit tells of its source: `full`, `commit`, `none`",
            defaultValue: "full"),
        SettingKey(
            "probe", .list(\.probes, SettingParser.probe), .content, .deploy,
            "`METHOD PATH [STATUS] [body=FILE] [contains=TEXT]`, asked of the app once it runs; FILE out of the source",
            defaultValue: "none; GET, any 2xx or 3xx"),
        SettingKey(
            "probeHeader", .list(\.probeHeaders, SettingParser.probeHeader), .operational, .deploy,
            "`NAME: VALUE` that goes with every probe; in VALUE `env:X` and `file:P` stand for what is there; the Hub token is sent only if it is named here, in your own settings",
            confidentiality: .secret, fileMarker: "file:"),
        SettingKey(
            "timeout", .single(\.timeout, SettingParser.duration(hint: "write 20m, 90s, 500ms or 1h30m")),
            .content, .run,
            "one limit for build, start and probes",
            defaultValue: "20m", hasFlag: true, limit: sourceTimeout),
        SettingKey(
            "wake", .flag(\.wake, SettingParser.flag), .operational, .run,
            "restart a paused or sleeping Space after a push",
            defaultValue: "false", hasFlag: true),
        SettingKey(
            "rebuild", .single(\.rebuild, SettingParser.rebuild), .operational, .run,
            "`factory`: builds again without cache after a push",
            hasFlag: true),
        SettingKey(
            "notify", .single(\.notify, SettingParser.webhook), .operatorOnly, .deploy,
            "https URL, or `env:NAME` of one, that gets the result as JSON when `mirror` finds another outcome than before",
            confidentiality: .secret, isURL: true),
        SettingKey(
            "rollbackOnFailure", .flag(\.rollbackOnFailure, SettingParser.flag), .operational, .deploy,
            "puts back the deploy that was serving, else the newest that ran, once, if build, app or a probe fails",
            defaultValue: "false"),
        SettingKey(
            "manual", .flag(\.manual, SettingParser.flag), .operational, .run,
            "deployed only by name",
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
