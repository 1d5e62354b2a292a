import Essentials
import HTTP
import SpacesModel

/// Reads and changes the configuration of one Space: variables, secrets, hardware and visibility.
package struct SpaceConfigurator: SpaceConfigurationService {
    private let space: HubSpace
    package let desiredConfiguration: DesiredConfiguration
    private let values: [String: Secret]
    private let fingerprintStore: FingerprintStore

    /// - Parameter secrets: the available values, by name.
    package init(
        _ space: HubSpace, _ desired: DesiredConfiguration, secrets: [String: Secret],
        _ fingerprintStore: FingerprintStore
    ) {
        (self.space, self.desiredConfiguration, values, self.fingerprintStore) = (
            space, desired, secrets, fingerprintStore
        )
    }

    package func variables() async throws(DeployError) -> [String: String] { try await space.variables() }

    package func secrets() async throws(DeployError) -> [String: SecretComparison] {
        let entries = try await space.secrets()
        let known = fingerprintStore.fingerprints(of: space.space, at: space.hub.host)
        return Dictionary(
            entries.map { entry in
                (entry.name, comparison(of: entry, known[entry.name]))
            }, uniquingKeysWith: { $1 })
    }

    /// Compares a secret by the fingerprint in its description, or by this machine's own if the Hub
    /// returns no description.
    private func comparison(of entry: SecretEntry, _ known: Fingerprint?) -> SecretComparison {
        guard let value = values[entry.name] else { return .unknown }
        let described = entry.description.flatMap { Fingerprint(in: $0) }
        guard let fingerprint = described ?? (entry.description == nil ? known : nil),
            !entry.isNewer(than: fingerprint)
        else { return .unknown }
        return fingerprint.matches(value) ? .same : .different
    }

    package func hardwareOptions() async throws(DeployError) -> [Hardware] { try await space.hub.hardware() }

    /// Creates the Space with its configuration.
    /// - Returns: false if the Space was created by somebody else in the meantime, which is not an error.
    package func create(sdk: String, visibility: String) async throws(DeployError) -> Bool {
        var fingerprints: [(name: String, fingerprint: Fingerprint)] = []
        var secrets: [(name: String, value: Secret, description: String?)] = []
        for secret in desiredConfiguration.secrets {
            guard let value = values[secret.name] else { continue }
            let fingerprint = Fingerprint(of: value)
            secrets.append((secret.name, value, fingerprint?.description))
            if let fingerprint { fingerprints.append((secret.name, fingerprint)) }
        }
        let result = try await space.hub.create(
            space.space, sdk: sdk, visibility: visibility, hardware: desiredConfiguration.hardware,
            sleepTime: desiredConfiguration.sleepTime, secrets: secrets,
            variables: desiredConfiguration.variables.map { ($0.name, $0.value) }, clock: space.clock)
        guard case .created = result else { return false }
        for entry in fingerprints { saveFingerprint(entry.fingerprint, of: entry.name) }
        return true
    }

    package func apply(_ order: ConfigurationCommand) async throws(DeployError) {
        switch order {
        case .setVariable(let name, let value): try await space.setVariable(name, value)
        case .unsetVariable(let name): try await space.unsetVariable(name)
        case .setSecret(let name): try await setSecret(name)
        case .unsetSecret(let name): try await space.unsetSecret(name)
        case .setHardware(let flavour, let sleep):
            _ = try await space.setHardware(flavour, sleepAfter: sleep?.seconds)
        case .setSleepTime(let time): _ = try await space.setSleepTime(time.seconds)
        case .setVisibility(let visibility): try await space.setVisibility(visibility)
        }
    }

    private func setSecret(_ name: String) async throws(DeployError) {
        guard let value = values[name] else { return }
        let fingerprint = Fingerprint(of: value)
        try await space.setSecret(name, value, description: fingerprint?.description)
        if let fingerprint { saveFingerprint(fingerprint, of: name) }
    }

    private func saveFingerprint(_ fingerprint: Fingerprint, of name: String) {
        fingerprintStore.save(fingerprint, of: name, space.space, at: space.hub.host)
    }
}

extension SecretEntry {
    /// Whether the secret was set after its fingerprint was computed, allowing for a clock skew of two
    /// minutes.
    fileprivate func isNewer(than fingerprint: Fingerprint) -> Bool {
        guard let updated, let date = Date(hub: updated) else { return false }
        return date.timeIntervalSince1970 > Double(fingerprint.time) + 120
    }
}
