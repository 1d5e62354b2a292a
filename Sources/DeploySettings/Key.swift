import DockerSyntax

/// A key that a `[space]` section may hold: the contract's table (design 3), as far as it is built. The README's table
/// is compared with this one by a test.
package struct Key: Hashable, Sendable {
    /// As people write it: `sleepTime`. Git compares keys without case.
    package let name: String
    package let kind: Kind
    package let privilege: Privilege
    package let means: String
    package let standard: String

    package enum Kind: Hashable, Sendable {
        case text
        case list
        case flag
        case duration
        case choice([String])
    }

    /// Who may set a key.
    package enum Privilege: Hashable, Sendable {
        /// Shapes the files that are deployed; a file that came with a source may set it.
        case composes
        /// Acts on the Space or reads from elsewhere: the operator's, or a person's in their own work tree.
        case operates
    }

    private init(
        _ name: String, _ kind: Kind, _ privilege: Privilege, _ means: String, standard: String = ""
    ) {
        (self.name, self.kind, self.privilege) = (name, kind, privilege)
        (self.means, self.standard) = (means, standard)
    }

    package static let all: [Key] = [
        Key(
            "source", .text, .operates, "path or Git URL (https, file, ssh) that is deployed",
            standard: "the repository the file is in"),
        Key(
            "branch", .text, .composes,
            "source branch, tag or commit, `:` Space branch; looked up locally, then at `origin`",
            standard: "HEAD`:main`"),
        Key(
            "root", .text, .composes, "this directory of the source becomes the Space's root", standard: "all"
        ),
        Key(
            "include", .list, .composes, "gitignore patterns below `root` that are deployed",
            standard: "everything but what is left out, see below"),
        Key("exclude", .list, .composes, "gitignore patterns that are not; after include, last match wins"),
        Key(
            "map", .list, .composes,
            "`FROM:TO`, file or directory (`hf/:/`), FROM from the repository's top, laid over the selection, later wins"
        ),
        Key(
            "add", .list, .operates,
            "`FROM:TO`, as `map`, but as it lies in your own work tree, untracked files too (`dist/:/`); not in a hook"
        ),
        Key("keep", .list, .composes, "the Space's own paths: never removed or overwritten"),
        Key(
            "sdk", .choice(["docker", "gradio", "static"]), .composes, "`docker`, `gradio` or `static`",
            standard: "the card's; docker when there is a Dockerfile"),
        Key(
            "dockerfile", .text, .composes, "which file of the source becomes `/Dockerfile`",
            standard: "the selection's own"),
        Key(
            "image", .text, .operates,
            "layered build: a container image that the Space is built on; a Dockerfile is written, or its `ARG BASE_IMAGE` set"
        ),
        Key(
            "pin", .flag, .operates, "the image by its digest, so that a moved tag is a change",
            standard: "true"),
        Key(
            "template", .choice(Template.allCases.map(\.rawValue)), .composes,
            "`python`, `node`: the Dockerfile to write when the source has none and the sdk is docker",
            standard: "by what the source holds"),
        Key("env", .list, .composes, "`NAME=value`: an ENV line of a Dockerfile that is written"),
        Key(
            "command", .text, .composes, "its CMD, as typed into a shell",
            standard: "the image's, or what the template finds"),
        Key("port", .text, .composes, "its port", standard: "the card's `app_port`, else 7860"),
        Key("card", .list, .composes, "`KEY: VALUE` of the README's front matter (`card = app_port: 7860`)"),
        Key(
            "cardFile", .text, .composes,
            "a YAML file of the source with keys of the card that its README lacks; `card` goes over both"),
        Key(
            "lfs", .choice(["auto", "off"]), .composes,
            "`auto`: what is binary, over 10 MiB or `filter=lfs` in the `.gitattributes` goes by Git LFS; `off`: it is refused",
            standard: "auto"),
        Key(
            "create", .flag, .operates, "make the Space when it is not there",
            standard: "asked on a terminal, else refused"),
        Key(
            "visibility", .choice(["public", "private", "protected"]), .operates,
            "`public`, `private` or `protected`; showing what was hidden needs a yes",
            standard: "not touched; of a Space that is created private"),
        Key(
            "variable", .list, .operates,
            "`NAME=value`, `NAME=env:X` or `NAME=file:PATH`: a variable of the Space, which everybody can read",
            standard: "not touched"),
        Key(
            "secret", .list, .operates,
            "`NAME` (the environment's), `NAME=env:X` or `NAME=file:PATH`; `NAME?` where the app runs without it",
            standard: "not touched"),
        Key(
            "hardware", .text, .operates,
            "a flavour of the Hub (`spacesync hardware` lists them); a dearer one needs a yes",
            standard: "not touched"),
        Key(
            "sleepTime", .text, .operates, "`1h`, `2d`, `never`: so long without a visit until it sleeps",
            standard: "not touched"),
        Key(
            "drift", .choice(["refuse", "merge", "overwrite"]), .operates,
            "what was changed on the Space since the last deploy: `refuse` shows it, `merge` keeps it, `overwrite` goes over it",
            standard: "refuse"),
        Key(
            "deleteLimit", .text, .operates,
            "a deploy that removes more of the Space's files (a number, or `30%`) needs `--force`",
            standard: "half, and more than 10"),
        Key(
            "history", .choice(["snapshot", "source"]), .operates,
            "`snapshot`: one commit a deploy; `source`: the source's own commits, fast-forward only",
            standard: "snapshot"),
        Key(
            "allowCredential", .list, .operates,
            "gitignore patterns of files that may hold what looks like a credential"),
        Key(
            "trace", .choice(["full", "commit", "none"]), .operates,
            "what the Space's commit tells of its source: `full`, `commit`, `none`",
            standard: "full"),
        Key(
            "probe", .list, .composes,
            "`METHOD PATH [STATUS] [body=FILE] [contains=TEXT]`, asked of the app once it runs; FILE out of the source",
            standard: "none; GET, any 2xx or 3xx"),
        Key(
            "probeHeader", .list, .operates,
            "`NAME: VALUE` that goes with every probe; in VALUE `env:X` and `file:P` stand for what is there; the Hub token is sent only if it is named here, in your own settings"
        ),
        Key(
            "timeout", .duration, .composes, "one limit for build, start and probes", standard: "20m"),
        Key(
            "wake", .flag, .operates, "restart a paused or sleeping Space after a push", standard: "false"),
        Key(
            "rebuild", .choice(["factory"]), .operates, "`factory`: builds again without cache after a push"),
        Key(
            "notify", .text, .operates,
            "https URL, or `env:NAME` of one, that gets the result as JSON when `mirror` finds another outcome than before"
        ),
        Key(
            "rollbackOnFailure", .flag, .operates,
            "puts back the deploy that was serving, else the newest that ran, once, if build, app or a probe fails",
            standard: "false"),
        Key("manual", .flag, .operates, "deployed only by name", standard: "false"),
    ]

    /// True if the value is a URL and nothing else.
    var isURL: Bool { ["source", "notify"].contains(name) }

    package static func named(_ name: some StringProtocol) -> Key? {
        all.first { $0.name.lowercased() == name.lowercased() }
    }
}
