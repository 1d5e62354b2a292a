import Essentials
import HTTP
import SpacesModel

/// Variables, secrets, hardware and visibility of one Space, and what its settings want of them.
package struct SpaceConfigurator: SpaceConfigurationService {
    private let space: HubSpace
    package let desiredConfiguration: DesiredConfiguration
    private let values: [String: Secret]
    private let fingerprintStore: FingerprintStore

    /// - Parameter secrets: the values that are in reach, by name.
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

    /// The note beside the secret tells; where the Hub keeps none, this machine's own.
    private func comparison(of entry: SecretEntry, _ known: Fingerprint?) -> SecretComparison {
        guard let value = values[entry.name] else { return .unknown }
        let noted = entry.description.flatMap { Fingerprint(in: $0) }
        guard let fingerprint = noted ?? (entry.description == nil ? known : nil),
            !entry.isNewer(than: fingerprint)
        else { return .unknown }
        return fingerprint.matches(value) ? .same : .different
    }

    package func hardwareOptions() async throws(DeployError) -> [Hardware] { try await space.hub.hardware() }

    /// A Space that somebody made meanwhile serves as well.
    package func create(sdk: String, visibility: String) async throws(DeployError) -> Bool {
        var notes: [(name: String, fingerprint: Fingerprint)] = []
        var secrets: [(name: String, value: Secret, description: String?)] = []
        for wish in desiredConfiguration.secrets {
            guard let value = values[wish.name] else { continue }
            let fingerprint = Fingerprint(of: value)
            secrets.append((wish.name, value, fingerprint?.description))
            if let fingerprint { notes.append((wish.name, fingerprint)) }
        }
        let creation = try await space.hub.create(
            space.space, sdk: sdk, visibility: visibility, hardware: desiredConfiguration.hardware,
            sleepTime: desiredConfiguration.sleepTime, secrets: secrets,
            variables: desiredConfiguration.variables.map { ($0.name, $0.value) }, clock: space.clock)
        guard case .created = creation else { return false }
        for note in notes { saveFingerprint(note.fingerprint, of: note.name) }
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
    /// Somebody set it after its fingerprint was made. Clocks differ, by less than this.
    fileprivate func isNewer(than fingerprint: Fingerprint) -> Bool {
        guard let updated, let date = Date(hub: updated) else { return false }
        return date.timeIntervalSince1970 > Double(fingerprint.time) + 120
    }
}
