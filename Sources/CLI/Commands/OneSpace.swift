import Deploy
import SpacesModel

extension Invocation {
    /// The only Space that is named.
    /// - Throws: kind `usage` where there is none, or more.
    func oneSpace() throws(Failure) -> [String] {
        guard arguments.words.count == 1 else {
            throw Failure(
                .usage, "\(command.name) takes one Space", hint: "spacesync \(command.name) owner/name")
        }
        return arguments.words
    }

    /// Runs a story about it.
    /// - Returns: the exit code.
    func story(
        _ story: (Bench, Workshop) async throws(Failure) -> Report
    ) async throws(Failure) -> Int {
        let loaded = try await SettingsLoader(world, arguments).load(try oneSpace())
        let workshop = try Workshop(self, loaded)
        let report = await workshop.report(on: try loaded.onlyTarget()) { (bench) async throws(Failure) in
            try await story(bench, workshop)
        }
        return report.exitCode
    }
}
