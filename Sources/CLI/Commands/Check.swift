import Deploy
import DeploySettings
import Essentials
import Reporting
import SpacesModel
import TextTools

extension Command {
    static let check = Command(
        name: "check", synopsis: "[SPACE…]",
        summary: "what the Hub would refuse or fail to build, without asking it",
        details: """
            Needs no token and asks no Hub; a source behind a URL is fetched, and an LFS server asked for files
            that are not here. Without names: every Space of the settings that is not manual; without settings:
            this repository as it stands. Exits 6 for what would be refused or would not build, 9 for
            credentials in files, 0 when there are only warnings.
            """,
        flags: Flag.target.filter { !Flag.ofTheHub.contains($0) },
        idle: Flag.ofTheHub + Flag.push
    ) { (invocation) async throws(Failure) in
        try await CheckRun(invocation).run()
    }
}

extension Flag {
    /// What shapes a deploy only where a Hub is asked.
    fileprivate static let ofTheHub = target.filter { $0.key == "drift" } + [tokenFile]
}

/// One run over the targets of `check`.
struct CheckRun: Sendable {
    let invocation: Invocation

    init(_ invocation: Invocation) { self.invocation = invocation }

    func run() async throws(Failure) -> Int {
        let loader = SettingsLoader(invocation.world, invocation.arguments)
        var loaded = try await loader.load(invocation.arguments.words)
        if loaded.targets.isEmpty, loaded.refused.isEmpty {
            loaded = try loaded.about(.folder(folderName(loaded.home)))
        }
        loaded.tell(invocation.voice)
        let (targets, refused) = loaded.chosen
        guard !targets.isEmpty || !refused.isEmpty else { throw loaded.nothingChosen(by: "check") }
        let workshop = try Workshop(invocation, loaded)
        let spaces = targets.map(\.space) + refused.map(\.space)
        invocation.voice.expect(
            Prospect(spaces: spaces, isInOrder: true, checkouts: loaded.checkouts(of: targets)))
        var reports = await workshop.reports(on: targets) { (target, bench) async throws(Failure) in
            if let doubt = target.doubt {
                bench.say(.warning("no settings name \(target.space); \(doubt)"))
            }
            return await (try await bench.inspection()).inspect()
        }
        reports += refused.map { workshop.report(on: $0) }
        return Report.exitCode(of: reports)
    }

    /// What a repository that no setting binds to a Space is called.
    private func folderName(_ home: Home?) -> String {
        let named = invocation.arguments.flags.last { $0.flag.key == "source" }?.value.redactedURL
        let folder = (named ?? home?.top ?? invocation.world.directory).split(separator: "/").last
        return folder.map { String($0) } ?? "/"
    }
}
