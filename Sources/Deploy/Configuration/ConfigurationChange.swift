import SpacesModel

/// A change to a Space's configuration (variable, secret, hardware, sleep time or visibility): set,
/// removed or kept as it is.
package struct ConfigurationChange: Hashable, Sendable {
    package enum Subject: Hashable, Sendable, CustomStringConvertible {
        case variable(String)
        case secret(String)
        case hardware, sleepTime, visibility

        package var description: String {
            switch self {
            case .variable(let name): "variable \(name)"
            case .secret(let name): "secret \(name)"
            case .hardware: "hardware"
            case .sleepTime: "sleepTime"
            case .visibility: "visibility"
            }
        }
    }

    package var subject: Subject
    package var kind: Change.Kind
    package var why: String
    /// The call that makes the change; `nil` if the value is kept as it is.
    package var command: ConfigurationCommand?
    /// A cost or exposure that requires confirmation, such as `from $0.00 to $0.40 an hour`; `nil` if
    /// there is none.
    package var costWarning: String?

    package init(
        _ subject: Subject, _ kind: Change.Kind, _ why: String, command: ConfigurationCommand? = nil,
        costWarning: String? = nil
    ) {
        (self.subject, self.kind, self.why) = (subject, kind, why)
        (self.command, self.costWarning) = (command, costWarning)
    }
}
