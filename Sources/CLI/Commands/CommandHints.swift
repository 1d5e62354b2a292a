import Deploy
import DeploySettings
import Reporting
import SpacesModel
import TextTools

/// Lines to type next. Hints are written where the command line is not known (`spacesync push owner/name --create`);
/// here they get the flags that were typed and matter for the command they name, so that they work as they stand.
struct CommandHints: CommandCompleting {
    private let flags: [(flag: Flag, value: String)]
    /// The command that was typed.
    var typedCommand: String?
    /// The top of the work tree, where the line is typed below it: `git apply` leaves out silently what lies elsewhere.
    var workTreeTop: String?
    /// How a pusher types what passes a guard.
    private var server: PusherHints?

    init(_ arguments: Arguments) {
        let passing = Flag.output + [.yes, .dryRun, .diff, .exitCode, .out]
        flags = arguments.flags.filter { !passing.contains($0.flag) }
    }

    /// For one who pushed to a server: they type in a clone of their own, where the branch must be named, and what was
    /// typed on the server means nothing.
    init(pushed target: Target, as branch: String, to server: PusherHints) {
        self.server = server
        let flag = Flag.target.first { $0.key == "branch" }
        flags = flag.map { [($0, "\(branch):\(target.spaceBranch)")] } ?? []
    }

    /// The report with its ready lines made whole.
    func complete(_ report: DeployResult) -> DeployResult {
        var whole = report
        whole.hint = report.hint.map { hint in
            let line = complete(hint, of: report.space)
            return report.isHeldBack ? withOverrideHints(line) : line
        }
        whole.failure?.hint = report.failure?.hint.map { withOverrideHints(complete($0, of: report.space)) }
        whole.failure?.details = report.failure?.details.map { complete($0, of: report.space) } ?? []
        return whole
    }

    private func withOverrideHints(_ hint: String) -> String {
        guard let server else { return hint }
        let lines = hint.split(separator: "\n", omittingEmptySubsequences: false)
        return lines.map { server.complete(String($0)) }.joined(separator: "\n")
    }

    /// What is said on the way, likewise.
    func complete(_ event: Event, of space: SpaceID) -> Event {
        switch event {
        case .detail(let text): .detail(complete(text, of: space))
        case .warning(let text, let finding): .warning(complete(text, of: space), finding)
        default: event
        }
    }

    /// - Parameter space: lines about other Spaces stay as they are; nil: lines that name none are meant.
    func complete(_ text: String, of space: SpaceID?) -> String {
        let placed =
            workTreeTop.map { text.replacing("| git apply", with: "| git -C \(Self.quoted($0)) apply") }
            ?? text
        let lines = placed.split(separator: "\n", omittingEmptySubsequences: false)
        return lines.map { line in
            let parts = String(line).split(separator: "spacesync ", omittingEmptySubsequences: false)
            let rest = parts.dropFirst().map { "spacesync " + complete(call: String($0), of: space) }
            return ([String(parts.first ?? "")] + rest).joined()
        }.joined(separator: "\n")
    }

    /// - Parameter call: what stands behind `spacesync `: a command, perhaps its Space, flags, perhaps more prose.
    private func complete(call: String, of space: SpaceID?) -> String {
        let words = call.split(separator: " ", omittingEmptySubsequences: false).map { String($0) }
        guard let command = words.first.flatMap(Command.named), words.count > 1 || space == nil else {
            return call
        }
        let namesSpace = words.count > 1 && words[1] == space?.description
        guard namesSpace || words.dropFirst().first?.hasPrefix("-") != false else { return call }
        let head = words.prefix(namesSpace ? 2 : 1)
        let rest = words.dropFirst(head.count).map { $0 == "FILE" ? planFile ?? $0 : $0 }
        let given = Set(rest.map { String($0.prefix { $0 != "=" }) })
        let keys = Set(Flag.target.filter { !given.isDisjoint(with: $0.names) }.compactMap(\.key))
        let typed = flags.filter {
            command.accepts($0.flag, after: self.typedCommand) && given.isDisjoint(with: $0.flag.names)
                && !keys.contains(Self.key(of: $0))
        }
        return (head + typed.map(Self.text) + rest).joined(separator: " ")
    }

    /// The setting that a `-c` sets.
    private static func key(of typed: (flag: Flag, value: String)) -> String {
        typed.flag == .set ? String(typed.value.prefix { $0 != "=" }) : ""
    }

    /// The plan that this run was told to push: a hint to plan again means the same file.
    private var planFile: String? { flags.last { $0.flag == .plan }.map { Self.quoted($0.value) } }

    private static func text(_ flag: Flag, _ value: String) -> String {
        let name = flag.names[0]
        guard flag.value != nil else { return name }
        if flag.isOptional { return value.isEmpty ? name : "\(name)=\(quoted(value))" }
        return "\(name) \(quoted(redacted(value, of: flag)))"
    }

    /// Without what may be a secret: the name and password in a URL, and values that are given to the app.
    private static func redacted(_ value: String, of flag: Flag) -> String {
        let key = value.prefix { $0 != "=" }
        let secretive = ["secret", "variable", "env", "notify", "probeheader"]
        guard flag == .set, secretive.contains(key.lowercased()) else {
            return flag.key == "source" ? value.redactedURL : value.redactingURLs
        }
        return "\(key)=…"
    }

    /// As a shell reads it back.
    static func quoted(_ word: String) -> String {
        let plain = "_@%+=:,./-~"
        let isPlain = word.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || plain.contains($0)) }
        guard !isPlain || word.isEmpty else { return word }
        return "'" + word.replacing("'", with: #"'\''"#) + "'"
    }
}

extension Command {
    /// Whether a flag that was typed for another command belongs in a line of this one.
    /// - Parameter typed: the other command.
    fileprivate func accepts(_ flag: Flag, after typed: String?) -> Bool {
        guard flags.contains(flag) else { return false }
        if name == "watch" { return [.config, .tokenFile].contains(flag) }
        // The message, the guards and the time limit of a push are not those of a rollback.
        if name == "rollback", typed != name { return [.config, .tokenFile, .set].contains(flag) }
        return true
    }
}
