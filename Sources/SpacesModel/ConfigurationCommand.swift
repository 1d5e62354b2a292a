/// What the Hub is told about a Space. The value of a secret is known to the edge alone.
package enum ConfigurationCommand: Hashable, Sendable {
    case setVariable(String, String)
    case unsetVariable(String)
    case setSecret(String)
    case unsetSecret(String)
    case setHardware(String, SleepTime?)
    case setSleepTime(SleepTime)
    case setVisibility(String)

    /// Whether the Hub restarts the Space for it.
    package var restartsSpace: Bool {
        switch self {
        case .setSleepTime, .setVisibility: false
        default: true
        }
    }
}
