import SpacesModel

/// Something of a Space besides its files that a deploy sets, removes, or leaves as it is.
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
    /// What the Hub is told; nil where it is left as it is.
    package var command: ConfigurationCommand?
    /// Money or exposure, which needs a yes: `from $0.00 to $0.40 an hour`.
    package var costWarning: String?

    package init(
        _ subject: Subject, _ kind: Change.Kind, _ why: String, command: ConfigurationCommand? = nil,
        costWarning: String? = nil
    ) {
        (self.subject, self.kind, self.why) = (subject, kind, why)
        (self.command, self.costWarning) = (command, costWarning)
    }
}
