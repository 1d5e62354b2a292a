import Documentation
import Essentials
import Git
import Reporting
import SpacesModel
import TextTools

/// The command `cache`: lists the stores of the cache, or removes them.
struct CacheCommand: Sendable {
    static let command = Command(
        .cache, flags: [.config]
    ) { (invocation) async throws(DeployError) in
        try await CacheCommand(invocation: invocation).run()
    }

    let invocation: Invocation

    func run() async throws(DeployError) -> Int {
        let positionals = invocation.arguments.positionals
        guard positionals.isEmpty || positionals == ["clear"] else {
            throw DeployError(
                .usage,
                "cache: invalid argument \"\(positionals.joined(separator: " "))\"; use clear or no argument")
        }
        let loaded = try await SettingsLoader(invocation.environment, invocation.arguments).load([])
        let cache = try RunContext(invocation, loaded).cache
        return positionals.isEmpty ? show(cache) : clear(cache)
    }

    private func show(_ cache: Cache) -> Int {
        let entries = cache.entries()
        for entry in entries { write(entry) }
        invocation.reporter.send(.info("\(Self.summary(of: entries)), in \(cache.path)"))
        return 0
    }

    /// Returns the number of stores and their size: `2 stores, 3.1 MiB`.
    static func summary(of entries: [Cache.Entry]) -> String {
        let size = entries.reduce(0) { $0.addingClamped($1.size) }
        return counted(entries.count, "store") + ", " + size.asSize
    }

    private func write(_ entry: Cache.Entry) {
        let (out, arguments) = (invocation.environment.out, invocation.arguments)
        let used = entry.used.formatted(.iso8601)
        if arguments.has(.json) {
            let fields: JSON.Object = [
                "remote": .string(entry.remote), "size": .int(entry.size), "used": .string(used),
            ]
            out.write(JSON.object(fields).text + "\n")
        } else if arguments.has(.quiet) {
            out.write(entry.remote.visible + "\n")
        } else {
            let size = entry.size.asSize
            let padding = String(repeating: " ", count: max(0, 10 - size.count))
            out.write("\(used)  \(padding)\(size)  \(entry.remote.visible)\n")
        }
    }

    private func clear(_ cache: Cache) -> Int {
        let (removed, busy) = cache.clear()
        invocation.reporter.send(.info("Removed \(Self.summary(of: removed))"))
        for entry in busy {
            invocation.reporter.send(.warning("skipped, in use by another run: \(entry.remote)"))
        }
        return 0
    }
}
