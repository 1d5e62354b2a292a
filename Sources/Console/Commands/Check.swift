import Deploy
import Foundation

extension Command {
    static let check = Command(
        name: "check", synopsis: "[SPACE…]",
        summary: "what the Hub would refuse or fail to build, offline",
        details: """
            Needs no token and asks no Hub; a source behind a URL is fetched. Without names: every Space of
            the settings that is not manual; without settings: this repository as it stands. Exits 6 for what
            would be refused or would not build, 9 for credentials in files, 0 when there are only warnings.
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
            loaded = try await loader.load([standIn(loaded.home)])
        }
        loaded.warnings.forEach { invocation.voice.warn($0.description) }
        let workshop = try Workshop(invocation, loaded)
        var reports: [Report] = []
        let (targets, refused) = loaded.chosen
        for target in targets {
            reports.append(
                await workshop.report(on: target) { (bench) async throws(Failure) in
                    await (try await bench.inspection()).inspect()
                })
        }
        reports += refused.map { workshop.report(on: $0) }
        return Report.exitCode(of: reports)
    }

    /// For a repository that no setting binds to a Space: one of the folder's name.
    private func standIn(_ home: Home?) -> String {
        let folder = URL(fileURLWithPath: home?.top ?? invocation.world.directory).lastPathComponent
        let bare = folder.hasSuffix(".git") ? String(folder.dropLast(4)) : folder
        let name = bare.map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "-" }
        let tidy = String(name).split(separator: "-").joined(separator: "-").prefix(90)
        let owner = Accounts(invocation.world).onlyOwner ?? "owner"
        return SpaceID(owner: owner, name: tidy)?.description ?? "owner/space"
    }
}
