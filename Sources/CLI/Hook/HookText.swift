import Reporting
import SpacesModel
import TextTools

/// What `hook install` and `hook status` say of a repository.
struct HookText: Sendable {
    private let readiness: HookReadiness
    private let voice: any Voice

    init(_ readiness: HookReadiness, _ voice: any Voice) { (self.readiness, self.voice) = (readiness, voice) }

    /// The bindings, and what is wanting.
    func tell() {
        for line in Self.lines(readiness.bindings.bindings) { voice.note("       " + line) }
        for want in readiness.wants {
            voice.warn(want.text.visible)
            for line in want.lines { voice.note("         " + line.visible) }
        }
    }

    static func lines(_ bindings: [HookBindings.Binding]) -> [String] {
        bindings.map {
            "\($0.branch.shortened(to: ShownLimit.branch).visible) -> \($0.space)"
                + ($0.isMissing ? " (not pushed yet)" : "")
        }
    }

    static func fields(_ readiness: HookReadiness) -> [(String, OrderedJSON)] {
        let bindings = readiness.bindings.bindings.map { binding in
            OrderedJSON.object([
                ("branch", .string(binding.branch)), ("space", .string(binding.space.description)),
                ("pushed", .bool(!binding.isMissing)),
            ])
        }
        return [
            ("repository", .string(readiness.house.repository)),
            ("push_options", .bool(readiness.advertises)), ("bindings", .array(bindings)),
            (
                "wants",
                .array(readiness.wants.map { .string(([$0.text] + $0.lines).joined(separator: "\n")) })
            ),
        ]
    }
}
