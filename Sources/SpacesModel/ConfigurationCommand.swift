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
