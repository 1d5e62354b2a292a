import Reporting
import SpacesModel

/// The yes that money, exposure and what cannot be undone need: typed on the terminal, or `--yes`.
struct Consent: Sendable {
    private let office: Office
    private let space: SpaceID

    init(_ office: Office, _ space: SpaceID) { (self.office, self.space) = (office, space) }

    /// - Parameters:
    ///   - what: what is going to be, in a sentence without its point.
    ///   - details: what it costs, exposes or loses, a line each.
    ///   - line: what is to be typed where nobody can be asked, behind `spacesync` and without `--yes`.
    /// - Throws: kind `guarded` without a yes.
    func need(_ what: String, _ details: [String], line: String) async throws(Failure) {
        let world = office.invocation.world
        guard !office.arguments.has(.yes) else { return }
        if world.canAsk {
            // In one with the question: it is never asked without them, whatever else is told.
            if await Question(world).ask((details.map(\.visible) + ["\(what)?"]).joined(separator: "\n")) {
                return
            }
            guard !Task.isCancelled else { throw Failure(.interrupted, "interrupted") }
            throw Failure(.guarded, "nothing was changed")
        }
        throw Failure(
            .guarded, "\(what): this needs a yes", details: details,
            hint: "spacesync \(line) --yes")
    }
}
