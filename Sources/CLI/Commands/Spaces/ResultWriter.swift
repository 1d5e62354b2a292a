import Reporting
import SpacesModel

/// What a verb gives to standard output: lines for people, one JSON object, or ids and URLs alone.
struct ResultWriter: Sendable {
    private let out: Terminal
    private let form: Form
    private let event: String
    /// For the lines of people.
    let style: Style

    private enum Form { case text, json, quiet }

    init(_ invocation: Invocation) {
        (out, event) = (invocation.environment.out, invocation.command.name)
        let arguments = invocation.arguments
        form = arguments.has(.json) ? .json : arguments.has(.quiet) ? .quiet : .text
        let world = invocation.environment
        let isPlain = arguments.has(.noColor) || world["NO_COLOR"] != nil || world["TERM"] == "dumb"
        style = Style(isOn: out.isTerminal && !isPlain)
    }

    var isJSON: Bool { form == .json }
    var isText: Bool { form == .text }
    var isTerminal: Bool { out.isTerminal }
    /// Whoever reads has gone.
    var isClosed: Bool { out.hasEnded }

    /// Text from the Hub comes in already visible.
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

    /// On a terminal alone: what moves its cursor.
    func draw(_ text: String) { out.write(text) }

    /// The end of a verb that changed what a Space runs on.
    func write(_ space: SpaceID, _ runtime: Runtime) {
        write(
            space, text: ["\(space) \(style.of(runtime.stage))"], quiet: space.description,
            json: runtime.fields)
    }
}

extension Runtime {
    /// As JSON tells it.
    var fields: [(String, OrderedJSON)] {
        [
            ("stage", .string(stage.rawValue)), ("error_message", .optional(errorMessage)),
            ("hardware", .optional(hardware)), ("requested_hardware", .optional(requestedHardware)),
            ("sleep_time", sleepTime.map { .int($0.seconds) } ?? .null), ("sha", .optional(sha)),
        ]
    }
}
