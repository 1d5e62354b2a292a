import Digest
import Essentials
import HTTP
import SpacesModel
import TextTools

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

/// Salted hash of a secret's value, which shows whether the value has changed without revealing it.
/// Slow enough to resist brute force (PBKDF2-HMAC-SHA-256 with the rounds recommended by OWASP's
/// Password Storage Cheat Sheet).
package struct Fingerprint: Hashable, Sendable, CustomStringConvertible {
    private let rounds: Int
    private let salt: [UInt8]
    private let hash: [UInt8]
    /// The time when the secret was set, by this machine's clock, in seconds since 1970.
    let time: Int

    private static let rounds = 600_000
    /// The most rounds of a parsed fingerprint: a foreign fingerprint must not cause excessive computation.
    private static let maxRounds = 2_000_000
    private static let prefix = "spacesync:v1:"

    /// Computes the fingerprint of a secret; `nil` if hashing fails.
    package init?(of secret: Secret, at date: Date = Date()) {
        var generator = SystemRandomNumberGenerator()
        let salt = (0..<12).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
        guard let hash = Self.hash(secret, salt, Self.rounds) else { return nil }
        (rounds, self.salt, self.hash) = (Self.rounds, salt, hash)
        time = Int(date.timeIntervalSince1970)
    }

    /// Parses the fingerprint at the end of a secret's description; `nil` if there is no valid one.
    package init?(in text: String) {
        guard let start = text.ranges(of: Self.prefix).last?.upperBound else { return nil }
        let parts = text[start...].split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 4, let rounds = Int(parts[0]), (1...Self.maxRounds).contains(rounds),
            let salt = Data(base64Encoded: String(parts[1])),
            let hash = Data(base64Encoded: String(parts[2])),
            hash.count == 18, let time = Int(parts[3])
        else { return nil }
        (self.rounds, self.salt, self.hash, self.time) = (rounds, Array(salt), Array(hash), time)
    }

    package var description: String {
        let encoded = [salt, hash].map { Data($0).base64EncodedString() }
        return "\(Self.prefix)\(rounds):\(encoded[0]):\(encoded[1]):\(time)"
    }

    func matches(_ secret: Secret) -> Bool { Self.hash(secret, salt, rounds) == hash }

    private static func hash(_ secret: Secret, _ salt: [UInt8], _ rounds: Int) -> [UInt8]? {
        PasswordHash.derive(Array(secret.reveal().utf8), salt: salt, rounds: rounds, length: 18)
    }
}

/// Store of secret fingerprints on this machine, with one file per Space, for Hubs that do not return
/// descriptions. Without a fingerprint it is unknown whether a secret has changed.
package struct FingerprintStore: Sendable {
    private let directory: String

    /// - Parameter directory: created when the first fingerprint is saved.
    package init(in directory: String) { self.directory = directory }

    func fingerprints(of space: SpaceID, at host: String) -> [String: Fingerprint] {
        guard !isLink(directory), !isLink(file(space, host).path),
            let data = try? Data(contentsOf: file(space, host)), data.count < 1 << 20
        else { return [:] }
        return (JSON(data)?.object ?? [:]).compactMapValues { $0.string.flatMap(Fingerprint.init(in:)) }
    }

    func save(_ fingerprint: Fingerprint, of name: String, _ space: SpaceID, at host: String) {
        var known = fingerprints(of: space, at: host)
        known[name] = fingerprint
        let members = known.sorted { $0.key < $1.key }.map { ($0, JSON.string($1.description)) }
        let (files, url) = (FileManager.default, file(space, host))
        try? files.createDirectory(
            atPath: directory, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        guard !isLink(directory) else { return }
        // Renamed, so that the file is replaced atomically and is never readable by other users.
        let temporaryPath = directory + "/.\(UUID().uuidString)"
        guard
            files.createFile(
                atPath: temporaryPath, contents: JSON.object(JSON.Object(members)).data,
                attributes: [.posixPermissions: 0o600]),
            rename(temporaryPath, url.path) == 0
        else {
            try? files.removeItem(atPath: temporaryPath)
            return
        }
    }

    /// Whether the path is a symbolic link. spacesync does not create links, so the target may belong
    /// to somebody else.
    private func isLink(_ path: String) -> Bool {
        var info = stat()
        return lstat(path, &info) == 0 && info.st_mode & S_IFMT == S_IFLNK
    }

    private func file(_ space: SpaceID, _ host: String) -> URL {
        let name = "\(host)-\(space.owner)-\(space.name)".map {
            $0.isASCII && ($0.isLetter || $0.isNumber || ".-_".contains($0)) ? $0 : "-"
        }
        return URL(fileURLWithPath: directory + "/" + String(name) + ".json")
    }
}
