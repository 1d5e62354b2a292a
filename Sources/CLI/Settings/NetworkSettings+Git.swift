import DeploySettings
import Git
import HTTP
import SpacesModel

extension NetworkSettings {
    /// The settings of the environment and of Git's configuration.
    /// - Parameter own: the configuration of the repository that the run stands in.
    init(_ environment: CommandEnvironment, repositoryEntries: [ConfigEntry] = []) {
        let isWithoutSystem = ["1", "true", "yes", "on"].contains(
            environment["GIT_CONFIG_NOSYSTEM"]?.lowercased())
        let entries = (readUserConfiguration(withoutSystem: isWithoutSystem) + repositoryEntries).filter {
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
    /// Proxies, certificates and rewritten addresses. A repository's own configuration is the operator's.
    func network(_ environment: CommandEnvironment) -> NetworkSettings {
        let own = layers.filter { if case .repository = $0.origin { true } else { false } }
        return NetworkSettings(environment, repositoryEntries: own.flatMap(\.entries))
    }

    /// True for a setting from a file that somebody else may have written.
    func isForeign(_ origin: SettingOrigin) -> Bool {
        guard case .sourceFile = origin else { return false }
        return layers.contains { $0.origin == origin && $0.trustLevel != .ownWorkTree }
            || !layers.contains { $0.origin == origin }
    }
}
