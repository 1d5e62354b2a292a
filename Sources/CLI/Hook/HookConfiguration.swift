import Git
import SpacesModel

/// `receive.advertisePushOptions` in a repository's own configuration, changed by Git itself, which keeps every other
/// byte of the file as it is.
struct HookConfiguration: Sendable {
    private static let key = "receive.advertisePushOptions"
    private let house: HookHouse

    init(_ house: HookHouse) { self.house = house }

    /// nil where the repository itself says nothing.
    var value: String? {
        get throws(Failure) {
            let entries = try readConfiguration(at: house.configuration)
            let own = entries.last { $0.section == "receive" && $0.key == "advertisepushoptions" }
            return own.map { $0.value ?? "true" }
        }
    }

    func set(in world: World) async -> Bool { await git([Self.key, "true"], world) }

    /// Only what was set.
    func unset(in world: World) async -> Bool {
        guard (try? value) == "true" else { return false }
        return await git(["--unset", Self.key], world)
    }

    private func git(_ arguments: [String], _ world: World) async -> Bool {
        let environment = world.environment.filter { !$0.key.hasPrefix("GIT_") }
        let line = ["config", "--file", house.configuration] + arguments
        return await Child.run("git", line, environment: environment, directory: "/").status == 0
    }
}
