import Essentials
import Git
import Reporting
import SpacesModel
import TextTools

/// `hook install` and `hook uninstall`: both are idempotent, and `uninstall` reverts `install`.
struct HookInstallation: Sendable {
    private let invocation: Invocation
    private let repository: HookRepository

    init(_ invocation: Invocation) async throws(DeployError) {
        self.invocation = invocation
        repository = try await HookRepository(invocation)
    }

    private var reporter: any Reporter { invocation.reporter }
    private var directory: String { CommandHints.quoted(repository.gitDirectory) }
    private var record: HookInstallManifest { HookInstallManifest(of: repository) }

    func install() async throws(DeployError) -> Int {
        try rejectSharedHooks("install")
        reporter.send(.info("-----> \(repository.gitDirectory)"))
        let script = try writeHook()
        if let warning = HookFiles(repository).warning(about: ExecutablePath.path(in: invocation.environment))
        {
            reporter.send(.warning(warning))
        }
        await advertisePushOptions()
        let diagnostics = await HookDiagnostics(of: repository, invocation)
        HookStatusText(diagnostics, reporter).printReadiness()
        ResultWriter(invocation).write(
            nil, text: [script], quiet: script,
            json: ["hook": .string(script)] + HookStatusText.fields(diagnostics), as: "hook")
        return 0
    }

    private func rejectSharedHooks(_ verb: String) throws(DeployError) {
        guard let sharing = repository.sharingReason else { return }
        throw DeployError(
            .blocked, "nothing was changed: \(sharing)",
            hint: "to \(verb) the hook for all of them (it does nothing where no Space is bound): "
                + "spacesync hook \(verb) \(directory) --hooks \(CommandHints.quoted(repository.sharedHooks))\n"
                + "to use hooks of this repository only: git -C \(directory) config core.hooksPath \(directory)/hooks"
        )
    }

    private func detail(_ text: String) { reporter.send(.info("       " + text)) }

    /// - Returns: the file that Git, or the existing hook, calls.
    private func writeHook() throws(DeployError) -> String {
        var script = HookScript(binary: ExecutablePath.path(in: invocation.environment))
        let files = HookFiles(repository)
        switch repository.hookState {
        case .managed(let old):
            script.other = old.other
            return try writeScript(script, repository.hook, instead: old)
        case .missing:
            if try files.createHooksDirectory(), !record.add(.directory) { detail("created hooks/") }
            return try writeScript(script, repository.hook, instead: nil)
        case .callsSpacesync:
            detail("\(repository.hook) already calls spacesync and was not changed")
            return repository.hook
        case .other(let isExecutable):
            if let part = repository.part {
                detail(
                    "\(HookRepository.name) was not changed: it calls the scripts in \(HookRepository.name).d"
                )
                return try writeScript(script, part, instead: HookScript(at: part))
            }
            script.other = HookRepository.savedHookName
            try files.saveExistingHook()
            try files.write(script, to: repository.hook)
            detail("hook written: \(repository.hook), which calls \(script.binary)")
            detail(
                "the existing \(HookRepository.name) was renamed to \(HookRepository.savedHookName)"
                    + (isExecutable ? " and is called first" : "; it is not executable, so it is not called"))
            return repository.hook
        }
    }

    private func writeScript(
        _ script: HookScript, _ path: String, instead old: HookScript?
    ) throws(DeployError) -> String {
        let isSame = readFile(path, limit: 1 << 20).map { $0 == Array(script.text.utf8) } ?? false
        if isSame, access(path, X_OK) == 0 {
            detail("hook: \(path) is already installed and calls \(script.binary)")
            return path
        }
        try HookFiles(repository).write(script, to: path)
        detail("hook \(old == nil ? "written" : "updated"): \(path), which calls \(script.binary)")
        return path
    }

    /// Enables push options unless the operator has set `receive.advertisePushOptions`.
    private func advertisePushOptions() async {
        let configured = (try? HookConfiguration(repository).value) ?? nil
        if await repository.source.isSet("receive.advertisePushOptions") {
            return detail("push options: receive.advertisePushOptions is already true")
        }
        let line = "git -C \(directory) config receive.advertisePushOptions true"
        if configured != nil {
            return detail("push options are disabled here; to allow git push -o spacesync.…: \(line)")
        }
        guard record.add(.advertised), await HookConfiguration(repository).set(in: invocation.environment)
        else {
            record.remove()
            return reporter.send(
                .warning("cannot set receive.advertisePushOptions; set it manually: \(line)"))
        }
        detail("push options: receive.advertisePushOptions = true")
    }

    func uninstall() async throws(DeployError) -> Int {
        try rejectSharedHooks("uninstall")
        reporter.send(.info("-----> \(repository.gitDirectory)"))
        let changes = record.changes
        let removed = try removeHook()
        if changes.contains(.directory) { rmdir(repository.hooks) }
        if changes.contains(.advertised) {
            let isUnset = await HookConfiguration(repository).unset(in: invocation.environment)
            detail(
                isUnset
                    ? "push options: removed receive.advertisePushOptions"
                    : "push options: receive.advertisePushOptions was changed since the installation and is kept"
            )
        }
        record.remove()
        if !HookLogDirectory.logs(of: repository.gitDirectory, invocation.environment).isEmpty {
            detail("the deploy logs are kept: \(HookLogDirectory(of: repository.gitDirectory).path)")
        }
        ResultWriter(invocation).write(
            nil, text: [], quiet: removed, json: ["removed": .optional(removed)], as: "hook")
        return 0
    }

    /// - Returns: the removed file; `nil` if spacesync installed none.
    private func removeHook() throws(DeployError) -> String? {
        let files = HookFiles(repository)
        switch repository.hookState {
        case .managed(let script):
            try files.uninstall(script)
            detail(
                script.other.isEmpty
                    ? "hook removed: \(repository.hook)"
                    : "previous hook restored: \(repository.hook)")
            return repository.hook
        case .callsSpacesync:
            detail("\(repository.hook) is your own hook and was not changed; it still calls spacesync")
            return nil
        case .missing, .other:
            let part = try files.removePart()
            detail(part.map { "hook removed: \($0)" } ?? "no spacesync hook is installed here")
            if FileManager.default.fileExists(atPath: repository.savedHook) {
                reporter.send(
                    .warning(
                        "\(repository.savedHook) is kept: the \(HookRepository.name) hook was replaced by another one"
                    ))
            }
            return part
        }
    }
}
