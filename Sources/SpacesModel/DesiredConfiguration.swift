/// What the settings of a target want a Space to be, besides its files.
package struct DesiredConfiguration: Hashable, Sendable {
    /// In the order of the settings.
    package var variables: [Variable] = []
    package var secrets: [DesiredSecret] = []
    package var hardware: String?
    package var sleepTime: SleepTime?
    package var visibility: String?

    package init() {}

    package struct Variable: Hashable, Sendable {
        package var name: String
        package var value: String
        /// What the value is, if only its owner should read it: it is not shown, and needs a confirmation.
        package var credential: String?

        package init(_ name: String, _ value: String, credential: String? = nil) {
            (self.name, self.value, self.credential) = (name, value, credential)
        }
    }

    /// Nothing is asked for that a Space could be compared with.
    package var isEmpty: Bool {
        variables.isEmpty && secrets.isEmpty && hardware == nil && sleepTime == nil && visibility == nil
    }

    /// Secrets that a Space without them cannot do without, and that are not to be found here.
    package func missingSecrets(on space: some Collection<String>) -> [DesiredSecret] {
        secrets.filter { !$0.hasValue && !$0.isOptional && !space.contains($0.name) }
    }
}

/// A secret that a Space is to have. Its value never comes here.
package struct DesiredSecret: Hashable, Sendable {
    package var name: String
    /// Where its value was looked for: `OPENAI_API_KEY of the environment`.
    package var location: String
    package var isOptional: Bool
    package var hasValue: Bool

    package init(_ name: String, location: String, isOptional: Bool, hasValue: Bool) {
        (self.name, self.location) = (name, location)
        (self.isOptional, self.hasValue) = (isOptional, hasValue)
    }
}

/// How a secret of the Space compares with the value in reach.
package enum SecretComparison: Hashable, Sendable {
    case same, different
    /// Nothing tells: it was not set by spacesync, or what was noted beside it is gone.
    case unknown
}
