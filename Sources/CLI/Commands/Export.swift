import Deploy
import Git
import Reporting
import SpacesModel

extension Command {
    static let export = Command(
        name: "export", synopsis: "SPACE DIR",
        summary: "writes the tree that a push would send into a directory, to build or look at",
        details: """
            DIR must be new or empty. A public Space needs no token.
            docker build "$(spacesync export owner/name out)"
            """,
        flags: Flag.target + [.replace],
        idle: Flag.push.filter { $0 != .force }
    ) { (invocation) async throws(Failure) in
        guard invocation.arguments.words.count == 2 else {
            throw Failure(
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
    private let words: [String]

    init(_ invocation: Invocation) { (self.invocation, words) = (invocation, invocation.arguments.words) }

    func run() async throws(Failure) -> Int {
        let place = try place()
        let loaded = try await SettingsLoader(invocation.world, invocation.arguments).load([words[0]])
        loaded.tell(invocation.voice)
        let workshop = try Workshop(invocation, loaded)
        let target = try loaded.onlyTarget()
        let report = await workshop.report(on: target) { (bench) async throws(Failure) in
            var options = workshop.options
            (options.isPlan, options.isWhole) = (true, true)
            let deployment = try await bench.deployment(options)
            return await deployment.export { (composition, snapshot) async throws(Failure) in
                let exported = try await deployment.store.export(
                    composition.tree, to: place, pointed: composition.pointed
                ) { (folder, files) async throws(Failure) in
                    try await deployment.carrier.fill(files, of: snapshot, in: folder)
                }
                tell(of: exported, bench.say)
            }
        }
        if report.failure == nil, !invocation.arguments.has(.json) {
            invocation.world.out.write(words[1] + "\n")
        }
        return report.exitCode
    }

    private func place() throws(Failure) -> ExportPlace {
        let world = invocation.world
        return try ExportPlace(
            world.absolute(words[1]), named: words[1], replaces: invocation.arguments.has(.replace),
            sparing: [world.directory] + [world.home].compactMap { $0 })
    }

    private func tell(of exported: Exported, _ say: Say) {
        for link in exported.escapes { say(.warning("a link leads out of \(words[1]): \(link)")) }
        for lost in exported.lost {
            say(
                .warning(
                    "\(lost.file.path.shown) is a pointer of Git LFS here: its file is nowhere: \(lost.why)"))
        }
        say(.exported(to: words[1], files: exported.files, size: exported.bytes))
    }
}
