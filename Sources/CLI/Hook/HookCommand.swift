import Documentation
import SpacesModel
import TextTools

/// The command `hook`: its subcommands install, remove, describe and run a repository's hook.
enum HookCommand {
    static let command = Command(
        .hook, flags: [.config, .tokenFile, hooks]
    ) { (invocation) async throws(DeployError) in
        let arguments = invocation.arguments.positionals
        guard let verb = arguments.first, arguments.count <= 2 else { throw usage }
        switch (verb, arguments.count) {
        case ("run", 1): return await PostReceiveHandler(invocation).run()
        case ("story", 2): return await runDeploy(HookLog(path: arguments[1]), invocation)
        case ("install", _): return try await HookInstallation(invocation).install()
        case ("uninstall", _): return try await HookInstallation(invocation).uninstall()
        case ("status", _): return try await HookStatus(invocation).printStatus()
        default:
            let suggestion = nearest(verb, among: ["run", "install", "uninstall", "status"]).map {
                "did you mean \($0)?"
            }
            var failure = usage
            if suggestion != "did you mean \(verb)?" { failure.hint = suggestion ?? failure.hint }
            throw failure
        }
    }

    /// Runs the deploy: standard input has the ref updates, standard output and error are the log.
    private static func runDeploy(_ hookLog: HookLog, _ invocation: Invocation) async -> Int {
        HookLog.attachLock(to: 1)
        await HookDeployRunner(invocation, RefUpdate.read(), keeping: hookLog, followsBuild: true).run()
        return 0
    }

    private static let usage = DeployError(
        .usage,
        "hook requires run, install, uninstall or status, and optionally the directory of a repository",
        hint: "spacesync hook install /srv/git/web.git")

    static let hooks = Flag(
        "--hooks", value: "DIR", "use this hooks directory, even if other repositories share it")
}
