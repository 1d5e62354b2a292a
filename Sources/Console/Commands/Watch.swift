import Deploy

extension Command {
    static let watch = Command(
        name: "watch", aliases: ["wait"], synopsis: "SPACE",
        summary: "follows the current build of a Space to its end",
        flags: [.timeout, .set, .config, .tokenFile]
    ) { (invocation) async throws(Failure) in
        guard invocation.arguments.words.count == 1 else {
            throw Failure(.usage, "watch takes one Space", hint: "spacesync watch owner/name")
        }
        let loaded = try await SettingsLoader(invocation.world, invocation.arguments).load(
            invocation.arguments.words)
        let workshop = try Workshop(invocation, loaded)
        let target = try loaded.onlyTarget()
        let report = await workshop.report(on: target) { (bench) async throws(Failure) in
            await watchHead(of: target, try await bench.hubSpace(), say: bench.say)
        }
        return report.exitCode
    }
}
