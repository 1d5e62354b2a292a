/// The desired configuration of a Space according to a target's settings: everything except its files.
package struct DesiredConfiguration: Hashable, Sendable {
    /// The variables, in the order of the settings.
    package var variables: [Variable] = []
    package var secrets: [DesiredSecret] = []
    package var hardware: String?
    package var sleepTime: SleepTime?
    package var visibility: String?

    package init() {}

    package struct Variable: Hashable, Sendable {
        package var name: String
        package var value: String
        /// The kind of credential that the value appears to be, if any: the value is then not
        /// shown, and setting it requires confirmation.
        package var credential: String?

        package init(_ name: String, _ value: String, credential: String? = nil) {
            (self.name, self.value, self.credential) = (name, value, credential)
        }
    }

    /// Whether no configuration is desired, so that there is nothing to compare with the Space.
    package var isEmpty: Bool {
        variables.isEmpty && secrets.isEmpty && hardware == nil && sleepTime == nil && visibility == nil
    }

    /// Returns required secrets that the Space does not have and for which no value is available locally.
    /// - Parameter space: The names of the Space's secrets.
    package func missingSecrets(on space: some Collection<String>) -> [DesiredSecret] {
        secrets.filter { !$0.hasValue && !$0.isOptional && !space.contains($0.name) }
    }
}

/// A desired secret of a Space, without its value.
package struct DesiredSecret: Hashable, Sendable {
    package var name: String
    /// The description of the location from which the value is read: `OPENAI_API_KEY of the environment`.
    package var location: String
    package var isOptional: Bool
    package var hasValue: Bool

    package init(_ name: String, location: String, isOptional: Bool, hasValue: Bool) {
        (self.name, self.location) = (name, location)
        (self.isOptional, self.hasValue) = (isOptional, hasValue)
    }
}

/// The comparison of a Space's secret with the local value.
package enum SecretComparison: Hashable, Sendable {
    case same, different
    /// Not comparable: the secret was not set by spacesync, or the fingerprint stored for it is lost.
    case unknown
}

/// A change of a Space's configuration to be made on the Hub. Values of secrets are not part of it;
/// only the Hub client reads them.
package enum ConfigurationCommand: Hashable, Sendable {
    case setVariable(String, String)
    case unsetVariable(String)
    case setSecret(String)
    case unsetSecret(String)
    case setHardware(String, SleepTime?)
    case setSleepTime(SleepTime)
    case setVisibility(String)

    /// Whether the Hub restarts the Space after the change.
    package var restartsSpace: Bool {
        switch self {
        case .setSleepTime, .setVisibility: false
        default: true
        }
    }
}
