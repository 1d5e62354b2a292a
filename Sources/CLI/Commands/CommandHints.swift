import Deploy
import DeploySettings
import Reporting
import SpacesModel
import TextTools

/// Completes the commands in hints so that they can be copied and run. Code that writes a hint does
/// not know the command line (`spacesync push owner/name --create`); this adds the typed flags that
/// the command accepts.
struct CommandHints: CommandCompleting {
    private let flags: [(flag: Flag, value: String)]
    /// The name of the command that was typed.
    var typedCommand: String?
    /// The top of the work tree, if the current directory is below it: `git apply` silently skips
    /// files outside the current directory.
    var workTreeTop: String?
    /// Formats guard overrides as push options; `nil` outside a hook.
    private var server: PusherHints?

    init(_ arguments: Arguments) {
        let passing = Flag.output + [.yes, .dryRun, .diff, .exitCode, .out]
        flags = arguments.flags.filter { !passing.contains($0.flag) }
    }

    /// Hints for a user who pushed to a server. They run the commands in their own clone, where the
    /// branch must be given, and the flags of the server's command do not apply.
    init(pushed target: Target, as branch: String, to server: PusherHints) {
        self.server = server
        flags = [(.branch, "\(branch):\(target.spaceBranch)")]
    }

    /// Completes all commands in the hints and details of a result.
    func complete(_ report: inout DeployResult) {
        let (space, isHeldBack) = (report.space, report.isHeldBack)
        report.hint = report.hint.map { hint in
            let line = complete(hint, of: space)
            return isHeldBack ? withOverrideHints(line) : line
        }
        let (failureHint, details) = (report.failure?.hint, report.failure?.details ?? [])
        report.failure?.hint = failureHint.map { withOverrideHints(complete($0, of: space)) }
        report.failure?.details = details.map { complete($0, of: space) }
    }

    private func withOverrideHints(_ hint: String) -> String {
        guard let server else { return hint }
        let lines = hint.split(separator: "\n", omittingEmptySubsequences: false)
        return lines.map { server.complete(String($0)) }.joined(separator: "\n")
    }

    /// Returns the event with all commands in its text completed.
    func complete(_ event: Event, of space: SpaceID) -> Event {
        switch event {
        case .detail(let text): .detail(complete(text, of: space))
        case .warning(let text, let finding): .warning(complete(text, of: space), finding)
        default: event
        }
    }

    /// Returns the text with all commands completed.
    /// - Parameter space: the Space whose commands are completed; those about other Spaces are
    ///   unchanged. `nil` completes commands that name no Space.
    func complete(_ text: String, of space: SpaceID?) -> String {
        let textWithPath =
            workTreeTop.map { text.replacing("| git apply", with: "| git -C \(Self.quoted($0)) apply") }
            ?? text
        let lines = textWithPath.split(separator: "\n", omittingEmptySubsequences: false)
        return lines.map { line in
            let parts = String(line).split(separator: "spacesync ", omittingEmptySubsequences: false)
            let calls = parts.dropFirst().map { "spacesync " + complete(call: String($0), of: space) }
            return ([String(parts.first ?? "")] + calls).joined()
        }.joined(separator: "\n")
    }

    /// - Parameter call: the text after `spacesync `: a command, perhaps a Space, flags and prose.
    private func complete(call: String, of space: SpaceID?) -> String {
        let tokens = call.split(separator: " ", omittingEmptySubsequences: false).map { String($0) }
        guard let command = tokens.first.flatMap(Command.named), tokens.count > 1 || space == nil else {
            return call
        }
        let namesSpace = tokens.count > 1 && tokens[1] == space?.description
        guard namesSpace || tokens.dropFirst().first?.hasPrefix("-") != false else { return call }
        let head = tokens.prefix(namesSpace ? 2 : 1)
        let remaining = tokens.dropFirst(head.count).map { $0 == "FILE" ? planFile ?? $0 : $0 }
        let givenNames = Set(remaining.map { String($0.prefix { $0 != "=" }) })
        let givenKeys = Set(Flag.target.filter { !givenNames.isDisjoint(with: $0.names) }.compactMap(\.key))
        let addedFlags = flags.filter {
            accepts($0.flag, command) && givenNames.isDisjoint(with: $0.flag.names)
                && !givenKeys.contains(Self.key(of: $0))
        }
        return (head + addedFlags.map(Self.text) + remaining).joined(separator: " ")
    }

    /// Whether a typed flag applies to a command in a hint.
    private func accepts(_ flag: Flag, _ command: Command) -> Bool {
        guard command.flags.contains(flag) else { return false }
        if command.name == "watch" { return [.config, .tokenFile].contains(flag) }
        // The message, guard overrides and time limit of a push do not apply to a rollback.
        if command.name == "rollback", typedCommand != command.name {
            return [.config, .tokenFile, .set].contains(flag)
        }
        return true
    }

    /// Returns the key that a `-c` flag sets; empty for other flags.
    private static func key(of typed: (flag: Flag, value: String)) -> String {
        typed.flag == .set ? String(typed.value.prefix { $0 != "=" }) : ""
    }

    /// The quoted file of `--plan`, which a hint to plan again uses in place of `FILE`; `nil`
    /// without the flag.
    private var planFile: String? { flags.last { $0.flag == .plan }.map { Self.quoted($0.value) } }

    private static func text(_ flag: Flag, _ value: String) -> String {
        let name = flag.names[0]
        guard flag.value != nil else { return name }
        if flag.isOptional { return value.isEmpty ? name : "\(name)=\(quoted(value))" }
        return "\(name) \(quoted(redacted(value, of: flag)))"
    }

    /// Returns a flag's value without possible secrets: user and password in a URL, and values
    /// meant for the app.
    private static func redacted(_ value: String, of flag: Flag) -> String {
        let key = Arguments.keyName(String(value.prefix { $0 != "=" }.filter { $0 != " " }))
        if flag == .set, let setting = SettingKey.named(key), setting.confidentiality != .open {
            return "\(key)=…"
        }
        let isURL = flag.key.flatMap { SettingKey.named($0) }?.isURL == true
        return isURL ? value.redactedURL : value.redactingURLs
    }

    /// Returns a word quoted for a POSIX shell.
    static func quoted(_ word: String) -> String {
        let safeCharacters = "_@%+=:,./-~"
        let isSafe = word.allSatisfy {
            $0.isASCII && ($0.isLetter || $0.isNumber || safeCharacters.contains($0))
        }
        return isSafe && !word.isEmpty ? word : singleQuoted(word)
    }

    /// Returns text in single quotes for a POSIX shell.
    static func singleQuoted(_ text: String) -> String {
        "'" + text.replacing("'", with: #"'\''"#) + "'"
    }
}
