import Git
import SpacesModel

/// `receive.advertisePushOptions` in a repository's own configuration, changed by Git itself, which keeps every other
/// byte of the file as it is.
struct HookConfiguration: Sendable {
    private static let key = "receive.advertisePushOptions"
    private let repository: HookRepository

    init(_ repository: HookRepository) { self.repository = repository }

    /// nil where the repository itself says nothing.
    var value: String? {
        get throws(DeployError) {
            let entries = try readConfiguration(at: repository.configuration)
            let own = entries.last { $0.section == "receive" && $0.key == "advertisepushoptions" }
            return own.map { $0.value ?? "true" }
        }
    }

    func set(in environment: CommandEnvironment) async -> Bool { await git([Self.key, "true"], environment) }

    /// Only what was set.
    func unset(in environment: CommandEnvironment) async -> Bool {
        guard (try? value) == "true" else { return false }
        return await git(["--unset", Self.key], environment)
    }

    private func git(_ arguments: [String], _ environment: CommandEnvironment) async -> Bool {
        let environment = environment.variables.filter { !$0.key.hasPrefix("GIT_") }
        let line = ["config", "--file", repository.configuration] + arguments
        return await ProcessRunner.run("git", line, environment: environment, directory: "/").status == 0
    }
}
