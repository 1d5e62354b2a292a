import DeploySettings
import Git
import HTTP
import SpacesModel

extension NetworkSettings {
    /// Reads network settings from the environment and from Git's configuration.
    /// - Parameter repositoryEntries: the configuration of the current repository.
    init(_ environment: CommandEnvironment, repositoryEntries: [ConfigEntry] = []) {
        let ignoresSystem = ["1", "true", "yes", "on"].contains(
            environment["GIT_CONFIG_NOSYSTEM"]?.lowercased())
        let entries = (readUserConfiguration(withoutSystem: ignoresSystem) + repositoryEntries).filter {
            ["http", "url"].contains($0.section)
        }
        let git = entries.compactMap { entry in
            entry.value.map {
                Entry(section: entry.section, subsection: entry.subsection, key: entry.key, value: $0)
            }
        }
        self.init(environment: environment.variables, git: git)
    }
}

extension ResolvedSettings {
    /// Proxies, certificates and URL rewrites. The repository's own configuration counts as the
    /// operator's.
    func network(_ environment: CommandEnvironment) -> NetworkSettings {
        let repositoryLayers = layers.filter { if case .repository = $0.origin { true } else { false } }
        return NetworkSettings(environment, repositoryEntries: repositoryLayers.flatMap(\.entries))
    }

    /// Whether the setting comes from a file that another person may have written.
    func isForeign(_ origin: SettingOrigin) -> Bool {
        guard case .sourceFile = origin else { return false }
        return layers.contains { $0.origin == origin && $0.trustLevel != .ownWorkTree }
            || !layers.contains { $0.origin == origin }
    }
}
