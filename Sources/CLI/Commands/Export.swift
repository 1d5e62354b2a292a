import Deploy
import Documentation
import Git
import Reporting
import SpacesModel

extension Command {
    static let export = Command(
        .export, flags: Flag.target + [.replace],
        ignoredFlags: Flag.push.filter { $0 != .force }
    ) { (invocation) async throws(DeployError) in
        guard invocation.arguments.positionals.count == 2 else {
            throw DeployError(
                .usage, "export takes a Space and a directory", hint: "spacesync export owner/name out")
        }
        return try await ExportRun(invocation).run()
    }
}

extension Flag {
    static let replace = Flag("--force", "replaces what DIR holds")
}

/// One tree, written out.
private struct ExportRun: Sendable {
    let invocation: Invocation
    private let positionals: [String]

    init(_ invocation: Invocation) {
        (self.invocation, positionals) = (invocation, invocation.arguments.positionals)
    }

    func run() async throws(DeployError) -> Int {
        let place = try exportDirectory()
        let loaded = try await SettingsLoader(invocation.environment, invocation.arguments).load([
            positionals[0]
        ])
        loaded.logWarnings(invocation.reporter)
        let workshop = try RunContext(invocation, loaded)
        let target = try loaded.onlyTarget()
        let report = await workshop.report(on: target) { (bench) async throws(DeployError) in
            var options = workshop.options
            (options.isPlan, options.needsAllBlobs) = (true, true)
            let deployment = try await bench.deployer(options)
            return await deployment.export { (composition, snapshot) async throws(DeployError) in
                let exported = try await deployment.store.export(
                    composition.tree, to: place, pointed: composition.lfsFilesByPointer
                ) { (folder, files) async throws(DeployError) in
                    try await deployment.lfsTransfer.checkOut(files, of: snapshot, in: folder)
                }
                logResult(of: exported, bench.log)
            }
        }
        if report.failure == nil, !invocation.arguments.has(.json) {
            invocation.environment.out.write(positionals[1] + "\n")
        }
        return report.exitCode
    }

    private func exportDirectory() throws(DeployError) -> ExportDirectory {
        let world = invocation.environment
        return try ExportDirectory(
            world.absolute(positionals[1]), named: positionals[1],
            replaces: invocation.arguments.has(.replace),
            sparing: [world.directory] + [world.home].compactMap { $0 })
    }

    private func logResult(of exported: ExportResult, _ log: EventHandler) {
        for link in exported.escapingLinks { log(.warning("a link leads out of \(positionals[1]): \(link)")) }
        for lost in exported.missing {
            log(
                .warning(
                    "\(lost.file.path.shown) is a pointer of Git LFS here: its file is nowhere: \(lost.why)"))
        }
        log(.exported(to: positionals[1], files: exported.files, size: exported.bytes))
    }
}
