import Documentation
import TextTools

/// Words and flags of other tools that people type: other names of commands, and hints that name the
/// right command.
enum Synonyms {
    /// Other names of commands with the same meaning.
    static let commands = ["deploy": "push", "releases": "history", "stop": "pause"]

    /// What to use in place of a word that is not the name of a command.
    static let hints = [
        "rebuild":
            "run spacesync restart owner/name --factory; after a push: spacesync push owner/name --rebuild",
        "start": "run spacesync restart owner/name; it also starts a paused or sleeping Space",
        "resume": "run spacesync restart owner/name; it also starts a paused or sleeping Space",
        "wake": "run spacesync restart owner/name; it also starts a paused or sleeping Space",
        "open": "run spacesync status owner/name; it shows the URL of the app",
        "login": "set HF_TOKEN, or run hf auth login; see spacesync help tokens",
        "logout": "remove the token where it is set; spacesync doctor shows where; see spacesync help tokens",
        "whoami": "run spacesync doctor; it shows the user and the role of each token",
        "env": "run spacesync variables list owner/name, or spacesync secrets list owner/name",
        "scale": "run spacesync hardware owner/name; it lists the types and prices",
        "config":
            "run spacesync plan -v; it shows where each setting comes from; see spacesync help settings",
        "ssh": "run spacesync dev-mode owner/name on, then hf spaces ssh owner/name",
        "upload":
            "run spacesync push owner/name; it deploys a commit; for untracked files use -c add=DIR/:DIR/",
        "files": "run spacesync export owner/name DIR; it writes the files that a push would send",
        "card": "run spacesync plan owner/name --diff; see spacesync help card-and-dockerfile",
    ]

    /// What to use in place of a flag, if the command accepts another one.
    private static let flags: [(name: String, other: Flag, hint: String)] = [
        ("--private", .visibility, "use --visibility private"),
        ("--public", .visibility, "use --visibility public"),
        ("--protected", .visibility, "use --visibility protected"),
        ("-f", .force, "use --force; it skips guards, and does not rewrite history (spacesync help guards)"),
        ("--token", .tokenFile, "set HF_TOKEN, or use --token-file FILE"),
    ]

    static func hint(forFlag name: String, among known: [Flag]) -> String? {
        flags.first { $0.name == name && known.contains($0.other) }?.hint
    }

    /// The hint for a word that is not the name of a command.
    /// - Parameter names: the names that the word may be a misspelling of.
    static func hint(for word: String, among names: [String]) -> String {
        if let hint = hints[word] { return hint }
        if HelpTopic.named(word) != nil { return "run spacesync help \(word)" }
        return nearest(word, among: names).map { "did you mean \($0)?" } ?? "see spacesync help"
    }
}
