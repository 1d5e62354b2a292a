import DockerSyntax

/// A key of a `[space]` section: the implemented part of the table in design.md 3. A test compares
/// the table in the README with this one.
package struct SettingKey: Hashable, Sendable {
    /// The key as documented: `sleepTime`. Git compares keys without case.
    package let name: String
    package let kind: Kind
    package let privilege: Privilege
    package let summary: String
    package let defaultValue: String

    package enum Kind: Hashable, Sendable {
        case text
        case list
        case flag
        case duration
        case choice([String])
    }

    /// The privilege required to set a key.
    package enum Privilege: Hashable, Sendable {
        /// Determines the content that is deployed; a settings file of a source may set it.
        case content
        /// Acts on the Space or reads from elsewhere: only for the operator, or for users in their
        /// own working tree.
        case operational
    }

    private init(
        _ name: String, _ kind: Kind, _ privilege: Privilege, _ summary: String, defaultValue: String = ""
    ) {
        (self.name, self.kind, self.privilege) = (name, kind, privilege)
        (self.summary, self.defaultValue) = (summary, defaultValue)
    }

    package static let all: [SettingKey] = [
        SettingKey(
            "source", .text, .operational, "path or Git URL (https, file, ssh) that is deployed",
            defaultValue: "the repository the file is in"),
        SettingKey(
            "branch", .text, .content,
            "source branch, tag or commit, `:` Space branch; looked up locally, then at `origin`",
            defaultValue: "HEAD`:main`"),
        SettingKey(
            "root", .text, .content, "this directory of the source becomes the Space's root",
            defaultValue: "all"
        ),
        SettingKey(
            "include", .list, .content, "gitignore patterns below `root` that are deployed",
            defaultValue: "everything but what is left out, see below"),
        SettingKey(
            "exclude", .list, .content, "gitignore patterns that are not; after include, last match wins"),
        SettingKey(
            "map", .list, .content,
            "`FROM:TO`, file or directory (`hf/:/`), FROM from the repository's top, laid over the selection, later wins"
        ),
        SettingKey(
            "add", .list, .operational,
            "`FROM:TO`, as `map`, but as it lies in your own work tree, untracked files too (`dist/:/`); not in a hook"
        ),
        SettingKey("keep", .list, .content, "the Space's own paths: never removed or overwritten"),
        SettingKey(
            "sdk", .choice(["docker", "gradio", "static"]), .content, "`docker`, `gradio` or `static`",
            defaultValue: "the card's; docker when there is a Dockerfile"),
        SettingKey(
            "dockerfile", .text, .content, "which file of the source becomes `/Dockerfile`",
            defaultValue: "the selection's own"),
        SettingKey(
            "image", .text, .operational,
            "layered build: a container image that the Space is built on; a Dockerfile is written, or its `ARG BASE_IMAGE` set"
        ),
        SettingKey(
            "pin", .flag, .operational, "the image by its digest, so that a moved tag is a change",
            defaultValue: "true"),
        SettingKey(
            "template", .choice(Template.allCases.map(\.rawValue)), .content,
            "`python`, `node`: the Dockerfile to write when the source has none and the sdk is docker",
            defaultValue: "by what the source holds"),
        SettingKey("env", .list, .content, "`NAME=value`: an ENV line of a Dockerfile that is written"),
        SettingKey(
            "command", .text, .content, "its CMD, as typed into a shell",
            defaultValue: "the image's, or what the template finds"),
        SettingKey("port", .text, .content, "its port", defaultValue: "the card's `app_port`, else 7860"),
        SettingKey(
            "card", .list, .content, "`KEY: VALUE` of the README's front matter (`card = app_port: 7860`)"),
        SettingKey(
            "cardFile", .text, .content,
            "a YAML file of the source with keys of the card that its README lacks; `card` goes over both"),
        SettingKey(
            "lfs", .choice(["auto", "off"]), .content,
            "`auto`: what is binary, over 10 MiB or `filter=lfs` in the `.gitattributes` goes by Git LFS; `off`: it is refused",
            defaultValue: "auto"),
        SettingKey(
            "create", .flag, .operational, "make the Space when it is not there",
            defaultValue: "asked on a terminal, else refused"),
        SettingKey(
            "visibility", .choice(["public", "private", "protected"]), .operational,
            "`public`, `private` or `protected`; showing what was hidden needs a yes",
            defaultValue: "not touched; of a Space that is created private"),
        SettingKey(
            "variable", .list, .operational,
            "`NAME=value`, `NAME=env:X` or `NAME=file:PATH`: a variable of the Space, which everybody can read",
            defaultValue: "not touched"),
        SettingKey(
            "secret", .list, .operational,
            "`NAME` (the environment's), `NAME=env:X` or `NAME=file:PATH`; `NAME?` where the app runs without it",
            defaultValue: "not touched"),
        SettingKey(
            "hardware", .text, .operational,
            "a flavour of the Hub (`spacesync hardware` lists them); a dearer one needs a yes",
            defaultValue: "not touched"),
        SettingKey(
            "sleepTime", .text, .operational, "`1h`, `2d`, `never`: so long without a visit until it sleeps",
            defaultValue: "not touched"),
        SettingKey(
            "drift", .choice(["refuse", "merge", "overwrite"]), .operational,
            "what was changed on the Space since the last deploy: `refuse` shows it, `merge` keeps it, `overwrite` goes over it",
            defaultValue: "refuse"),
        SettingKey(
            "deleteLimit", .text, .operational,
            "a deploy that removes more of the Space's files (a number, or `30%`) needs `--force`",
            defaultValue: "half, and more than 10"),
        SettingKey(
            "history", .choice(["snapshot", "source"]), .operational,
            "`snapshot`: one commit a deploy; `source`: the source's own commits, fast-forward only",
            defaultValue: "snapshot"),
        SettingKey(
            "allowCredential", .list, .operational,
            "gitignore patterns of files that may hold what looks like a credential"),
        SettingKey(
            "trace", .choice(["full", "commit", "none"]), .operational,
            "what the Space's commit tells of its source: `full`, `commit`, `none`",
            defaultValue: "full"),
        SettingKey(
            "probe", .list, .content,
            "`METHOD PATH [STATUS] [body=FILE] [contains=TEXT]`, asked of the app once it runs; FILE out of the source",
            defaultValue: "none; GET, any 2xx or 3xx"),
        SettingKey(
            "probeHeader", .list, .operational,
            "`NAME: VALUE` that goes with every probe; in VALUE `env:X` and `file:P` stand for what is there; the Hub token is sent only if it is named here, in your own settings"
        ),
        SettingKey(
            "timeout", .duration, .content, "one limit for build, start and probes", defaultValue: "20m"),
        SettingKey(
            "wake", .flag, .operational, "restart a paused or sleeping Space after a push",
            defaultValue: "false"),
        SettingKey(
            "rebuild", .choice(["factory"]), .operational,
            "`factory`: builds again without cache after a push"),
        SettingKey(
            "notify", .text, .operational,
            "https URL, or `env:NAME` of one, that gets the result as JSON when `mirror` finds another outcome than before"
        ),
        SettingKey(
            "rollbackOnFailure", .flag, .operational,
            "puts back the deploy that was serving, else the newest that ran, once, if build, app or a probe fails",
            defaultValue: "false"),
        SettingKey("manual", .flag, .operational, "deployed only by name", defaultValue: "false"),
    ]

    /// Whether the value is a URL and nothing else.
    var isURL: Bool { ["source", "notify"].contains(name) }

    package static func named(_ name: some StringProtocol) -> SettingKey? {
        all.first { $0.name.lowercased() == name.lowercased() }
    }
}
