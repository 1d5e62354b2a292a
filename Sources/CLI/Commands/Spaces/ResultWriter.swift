import Reporting
import SpacesModel

/// A writer of command results to standard output: text lines, a JSON object, or only ids and URLs.
struct ResultWriter: Sendable {
    private let out: Terminal
    private let form: Form
    private let event: String
    /// The style of text lines.
    let style: Style

    private enum Form { case text, json, quiet }

    init(_ invocation: Invocation) {
        (out, event) = (invocation.environment.out, invocation.command.name)
        let arguments = invocation.arguments
        form = arguments.has(.json) ? .json : arguments.has(.quiet) ? .quiet : .text
        let environment = invocation.environment
        let isPlain =
            arguments.has(.noColor) || environment["NO_COLOR"] != nil || environment["TERM"] == "dumb"
        style = Style(isOn: out.isTerminal && !isPlain)
    }

    var isJSON: Bool { form == .json }
    var isText: Bool { form == .text }
    var isTerminal: Bool { out.isTerminal }
    /// Whether the reader closed standard output.
    var isClosed: Bool { out.hasEnded }

    /// Writes one result. Text from the Hub must already be escaped with `visible`; `quiet` is
    /// escaped here.
    func write(
        _ space: SpaceID?, text: [String], quiet: String?, json: [(String, OrderedJSON)],
        as event: String? = nil
    ) {
        switch form {
        case .json: out.write(JSONReporter.object(event ?? self.event, space, json).description + "\n")
        case .quiet: if let quiet { out.write(quiet.visible + "\n") }
        case .text: text.forEach { out.write($0 + "\n") }
        }
    }

    /// Writes control sequences that move the cursor; only for a terminal.
    func draw(_ text: String) { out.write(text) }

    /// Writes the stage, as the result of a command that changed it.
    func write(_ space: SpaceID, _ runtime: Runtime) {
        write(
            space, text: ["\(space) \(style.of(runtime.stage))"], quiet: space.description,
            json: runtime.fields)
    }
}

extension Runtime {
    /// The fields of the JSON output.
    var fields: [(String, OrderedJSON)] {
        [
            ("stage", .string(stage.rawValue)), ("error_message", .optional(errorMessage)),
            ("hardware", .optional(hardware)), ("requested_hardware", .optional(requestedHardware)),
            ("sleep_time", sleepTime.map { .int($0.seconds) } ?? .null), ("sha", .optional(sha)),
        ]
    }
}
