import DeploySettings
import Git
import HTTP
import SpacesModel

extension NetworkSettings {
    /// The settings of the environment and of Git's configuration.
    /// - Parameter own: the configuration of the repository that the run stands in.
    init(_ world: World, own: [ConfigEntry] = []) {
        let isWithoutSystem = ["1", "true", "yes", "on"].contains(world["GIT_CONFIG_NOSYSTEM"]?.lowercased())
        let entries = (readUserConfiguration(withoutSystem: isWithoutSystem) + own).filter {
            ["http", "url"].contains($0.section)
        }
        let git = entries.compactMap { entry in
            entry.value.map {
                Entry(section: entry.section, subsection: entry.subsection, key: entry.key, value: $0)
            }
        }
        self.init(environment: world.environment, git: git)
    }
}

extension LoadedSettings {
    /// Proxies, certificates and rewritten addresses. A repository's own configuration is the operator's.
    func network(_ world: World) -> NetworkSettings {
        let own = layers.filter { if case .repository = $0.origin { true } else { false } }
        return NetworkSettings(world, own: own.flatMap(\.entries))
    }

    /// True for a setting from a file that somebody else may have written.
    func isForeign(_ origin: SettingOrigin) -> Bool {
        guard case .travelling = origin else { return false }
        return layers.contains { $0.origin == origin && $0.standing != .ownWorkTree }
            || !layers.contains { $0.origin == origin }
    }
}
