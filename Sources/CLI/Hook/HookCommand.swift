import Documentation
import SpacesModel
import TextTools

extension Command {
    static let hook = Command(
        .hook, flags: [.config, .tokenFile, .hooks]
    ) { (invocation) async throws(DeployError) in
        let words = invocation.arguments.positionals
        guard let verb = words.first, words.count <= 2 else { throw usage }
        switch (verb, words.count) {
        case ("run", 1): return await PostReceiveHandler(invocation).run()
        case ("story", 2): return await runDeploy(HookLog(path: words[1]), invocation)
        case ("install", _): return try await HookInstallation(invocation).install()
        case ("uninstall", _): return try await HookInstallation(invocation).uninstall()
        case ("status", _): return try await HookStatus(invocation).printStatus()
        default:
            let near = nearest(verb, among: ["run", "install", "uninstall", "status"]).map {
                "did you mean \($0)?"
            }
            var failure = usage
            if near != "did you mean \(verb)?" { failure.hint = near ?? failure.hint }
            throw failure
        }
    }

    /// The deploy itself: standard input are the refs, standard output and error the log.
    private static func runDeploy(_ hookLog: HookLog, _ invocation: Invocation) async -> Int {
        HookLog.attachLock(to: 1)
        await HookDeployRunner(invocation, RefUpdate.read(), keeping: hookLog, followsBuild: true).run()
        return 0
    }

    private static let usage = DeployError(
        .usage, "hook takes run, install, uninstall or status, and perhaps a repository's directory",
        hint: "spacesync hook install /srv/git/web.git")
}

extension Flag {
    static let hooks = Flag(
        "--hooks", value: "DIR", "the directory of hooks that is meant, though other repositories share it")
}
