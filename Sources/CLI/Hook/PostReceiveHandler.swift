import DeploySettings
import Essentials
import Git
import Reporting
import SpacesModel

/// The `post-receive` hook: starts the deploy in its own process and shows its log to the pusher
/// for as long as `hookWait` allows. The deploy continues if the pusher disconnects.
struct PostReceiveHandler: Sendable {
    private let invocation: Invocation
    private let start = ContinuousClock.now

    init(_ invocation: Invocation) { self.invocation = invocation }

    private var environment: CommandEnvironment { invocation.environment }
    private static let pollInterval = Duration.milliseconds(30)
    /// The minimum time for finding the deploys of a push, so that the pusher learns of them even
    /// with a short `hookWait`.
    private static let minWait = Duration.seconds(5)

    /// Runs the hook. The exit code is always 0, because the push has been received.
    func run() async -> Int {
        let refs = Self.readInput()
        guard refs.contains(where: { RefUpdate($0)?.name != nil }) else { return 0 }
        guard let hookLog = HookLogDirectory.createLog(in: environment.directory, environment),
            let child = startProcess(hookLog, refs)
        else {
            let pushes = refs.compactMap { RefUpdate($0) }
            await HookDeployRunner(invocation, pushes, keeping: nil, followsBuild: false).run()
            return 0
        }
        let wait = await SettingsLoader(environment, invocation.arguments).operators().hookWait
        await streamLog(hookLog, of: child, until: start + wait)
        return 0
    }

    private static func readInput() -> [String] {
        var lines: [String] = []
        while let line = readLine() { lines.append(line) }
        return lines
    }

    private func startProcess(_ hookLog: HookLog, _ refs: [String]) -> ChildProcess? {
        let path = hookLog.path + ".refs"
        let text = refs.map { $0 + "\n" }.joined()
        guard PlainFile.replace(path, with: Array(text.utf8)) else {
            hookLog.remove()
            return nil
        }
        let input = PlainFile.open(path, O_RDONLY)
        unlink(path)
        let output = PlainFile.open(hookLog.logPath, O_WRONLY | O_APPEND)
        defer { [input, output].filter { $0 >= 0 }.forEach { close($0) } }
        guard input >= 0, output >= 0,
            let child = ChildProcess(
                ExecutablePath.running, ["hook", "story", hookLog.path] + flags, name: "spacesync",
                environment: deployVariables,
                descriptors: [0: input, 1: output, 2: output], newSession: true)
        else {
            hookLog.remove()
            return nil
        }
        return child
    }

    /// The flags that were given to the hook.
    private var flags: [String] {
        invocation.arguments.flags.flatMap {
            $0.flag.value == nil ? [$0.flag.names[0]] : [$0.flag.names[0], $0.value]
        }
    }

    /// Only the push options are passed on: Git's other variables are for the hook.
    private var deployVariables: [String: String] {
        environment.variables.filter { name, _ in
            !name.hasPrefix("GIT_") || name.hasPrefix("GIT_PUSH_OPTION_")
        }
    }

    /// Copies new output of the log to the pusher.
    private func streamLog(_ hookLog: HookLog, of child: ChildProcess, until end: ContinuousClock.Instant)
        async
    {
        var logFile = GrowingFile(hookLog.logPath)
        let minEnd = start + Self.minWait
        while true {
            let status = child.pollExitStatus()
            environment.err.write(logFile.readMore(isComplete: status != nil))
            if let status { return reportExit(status, hookLog) }
            if environment.err.hasEnded { return hookLog.markDetached() }
            if .now >= end, .now >= minEnd || hasStarted(hookLog) { return detach(hookLog) }
            do { try await Task.sleep(for: Self.pollInterval) } catch { return hookLog.markDetached() }
        }
    }

    /// Whether the deploys are known, or that there are none.
    private func hasStarted(_ hookLog: HookLog) -> Bool {
        hookLog.outcome.map { !$0.deploys.isEmpty || $0.ended != nil } ?? false
    }

    private func reportExit(_ status: Int32, _ hookLog: HookLog) {
        if status != 0 {
            environment.err.write(
                "error: the deploy ended unexpectedly (status \(status)); its log: \(hookLog.logPath)\n")
        } else if hookLog.isEmpty {
            hookLog.remove()
        }
    }

    /// Ends the wait of the pusher; the deploy continues in the background.
    private func detach(_ hookLog: HookLog) {
        hookLog.markDetached()
        let deploys = (hookLog.outcome?.deploys ?? []).filter { $0.outcome == nil }
        var lines = ["-----> The push is complete; the deploy continues in the background"]
        lines += deploys.map { "       \($0.space): \($0.state)" }
        lines += deploys.map { deploy in
            "       to see the result: \(deploy.page.map { "\($0), or " } ?? "")spacesync watch \(deploy.space)"
        }
        let directory = CommandHints.quoted(environment.directory)
        lines.append(
            "       on the server: spacesync hook status \(directory), and the log \(hookLog.logPath)")
        environment.err.write(lines.map { $0.visible + "\n" }.joined())
    }
}

/// A log file to which another process appends lines.
private struct GrowingFile {
    private let path: String
    private var offset: off_t = 0

    init(_ path: String) { self.path = path }

    /// Returns the new bytes, up to the end of a line.
    /// - Parameter isComplete: whether the file no longer grows, so that a partial last line is
    /// returned, too.
    mutating func readMore(isComplete: Bool) -> [UInt8] {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return [] }
        defer { close(file) }
        guard lseek(file, offset, SEEK_SET) >= 0, var bytes = readToEnd(of: file) else { return [] }
        if !isComplete { bytes = Array(bytes.prefix((bytes.lastIndex(of: UInt8(ascii: "\n")) ?? -1) + 1)) }
        offset += off_t(bytes.count)
        return bytes
    }
}

/// One line of the input of `post-receive` (`git help hooks`): the old commit, the new commit and
/// the ref.
struct RefUpdate: Hashable, Sendable {
    let old: ObjectID
    let new: ObjectID
    let ref: String

    init?(_ line: some StringProtocol) {
        let fields = line.split(separator: " ", maxSplits: 2).map { String($0) }
        guard fields.count == 3, let old = ObjectID(fields[0]), let new = ObjectID(fields[1]) else {
            return nil
        }
        (self.old, self.new, ref) = (old, new, fields[2])
    }

    /// The short name: `x` for `refs/heads/x` and `refs/tags/x`; `nil` for other refs.
    var name: String? {
        for prefix in ["refs/heads/", "refs/tags/"] where ref.hasPrefix(prefix) {
            return String(ref.dropFirst(prefix.count))
        }
        return nil
    }

    /// The names that settings may use: the short name, and the full one for a tag, which may have
    /// the same name as a branch.
    var names: [String] { [name, isBranch ? nil : ref].compactMap { $0 } }

    var isBranch: Bool { ref.hasPrefix("refs/heads/") }
    var isDeletion: Bool { new.isZero }

    /// Reads all updates from standard input, which Git closes after the last ref.
    static func read() -> [RefUpdate] {
        var pushes: [RefUpdate] = []
        while let line = readLine() { pushes += [RefUpdate(line)].compactMap { $0 } }
        return pushes
    }
}
