import Deploy
import Documentation
import Git
import Reporting
import SpacesModel

/// The command `export`: writes the tree that a push would send into a directory.
struct ExportCommand: Sendable {
    static let command = Command(
        .export, flags: Flag.target + [replace],
        ignoredFlags: Flag.push.filter { $0 != .force }
    ) { (invocation) async throws(DeployError) in
        guard invocation.arguments.positionals.count == 2 else {
            throw DeployError(
                .usage, "export requires a Space and a directory", hint: "spacesync export owner/name out")
        }
        return try await ExportCommand(invocation).run()
    }

    private static let replace = Flag("--force", "replace the contents of DIR")

    let invocation: Invocation
    private let positionals: [String]

    init(_ invocation: Invocation) {
        (self.invocation, positionals) = (invocation, invocation.arguments.positionals)
    }

    func run() async throws(DeployError) -> Int {
        let directory = try exportDirectory()
        let loaded = try await invocation.loadSettings([positionals[0]])
        let context = try RunContext(invocation, loaded)
        let target = try loaded.onlyTarget()
        let report = await context.report(on: target) { (targetContext) async throws(DeployError) in
            var options = context.options
            (options.isPlan, options.needsAllBlobs) = (true, true)
            let (deployer, store) = try await targetContext.deployer(options)
            return await deployer.export { (composition, snapshot) async throws(DeployError) in
                let exported = try await store.export(
                    composition.tree, to: directory, pointed: composition.lfsFilesByPointer
                ) { (folder, files) async throws(DeployError) in
                    try await deployer.environment.lfs?.checkOut(files, of: snapshot, in: folder) ?? []
                }
                logResult(of: exported, targetContext.log)
            }
        }
        if report.failure == nil, !invocation.arguments.has(.json) {
            invocation.environment.out.write(positionals[1] + "\n")
        }
        return report.exitCode
    }

    private func exportDirectory() throws(DeployError) -> ExportDirectory {
        let environment = invocation.environment
        return try ExportDirectory(
            environment.absolute(positionals[1]), named: positionals[1],
            replaces: invocation.arguments.has(Self.replace),
            sparing: [environment.directory] + [environment.home].compactMap { $0 })
    }

    private func logResult(of exported: ExportResult, _ log: EventHandler) {
        for link in exported.escapingLinks { log(.warning("link points outside \(positionals[1]): \(link)")) }
        for missing in exported.missing {
            log(
                .warning(
                    "\(missing.file.path.shown) is exported as a Git LFS pointer; its file is not available: \(missing.why)"
                ))
        }
        log(.exported(to: positionals[1], files: exported.files, size: exported.bytes))
    }
}
