import Git
import SpacesModel

/// `receive.advertisePushOptions` in the repository's own configuration, changed with `git config`,
/// which keeps the rest of the file unchanged.
struct HookConfiguration: Sendable {
    private static let key = "receive.advertisePushOptions"
    private let repository: HookRepository

    init(_ repository: HookRepository) { self.repository = repository }

    /// The value; `nil` if the repository's own configuration does not set it.
    var value: String? {
        get throws(DeployError) {
            let entries = try readConfiguration(at: repository.configuration)
            let entry = entries.last { $0.section == "receive" && $0.key == "advertisepushoptions" }
            return entry.map { $0.value ?? "true" }
        }
    }

    func set(in environment: CommandEnvironment) async -> Bool { await git([Self.key, "true"], environment) }

    /// Removes the key if its value is true.
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
