import Reporting
import SpacesModel
import TextTools

/// The text and JSON of `hook install` and `hook status`.
struct HookStatusText: Sendable {
    private let readiness: HookDiagnostics
    private let reporter: any Reporter

    init(_ readiness: HookDiagnostics, _ reporter: any Reporter) {
        (self.readiness, self.reporter) = (readiness, reporter)
    }

    /// Prints the bindings and the problems.
    func printReadiness() {
        for line in Self.lines(readiness.bindings.bindings) { reporter.info("       " + line) }
        for want in readiness.issues {
            reporter.warn(want.text.visible)
            for line in want.lines { reporter.info("         " + line.visible) }
        }
    }

    static func lines(_ bindings: [BranchBindings.Binding]) -> [String] {
        bindings.map {
            "\($0.branch.shortened(to: ShownLimit.branch).visible) -> \($0.space)"
                + ($0.isMissing ? " (not pushed yet)" : "")
        }
    }

    static func fields(_ readiness: HookDiagnostics) -> [(String, OrderedJSON)] {
        let bindings = readiness.bindings.bindings.map { binding in
            OrderedJSON.object([
                ("branch", .string(binding.branch)), ("space", .string(binding.space.description)),
                ("pushed", .bool(!binding.isMissing)),
            ])
        }
        return [
            ("repository", .string(readiness.repository.gitDirectory)),
            ("push_options", .bool(readiness.advertisesPushOptions)), ("bindings", .array(bindings)),
            (
                "wants",
                .array(readiness.issues.map { .string(([$0.text] + $0.lines).joined(separator: "\n")) })
            ),
        ]
    }
}
