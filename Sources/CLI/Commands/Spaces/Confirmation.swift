import Reporting
import SpacesModel

/// The yes that money, exposure and what cannot be undone need: typed on the terminal, or `--yes`.
struct Confirmation: Sendable {
    private let context: SpaceCommandContext
    private let space: SpaceID

    init(_ context: SpaceCommandContext, _ space: SpaceID) { (self.context, self.space) = (context, space) }

    /// - Parameters:
    ///   - what: what is going to be, in a sentence without its point.
    ///   - details: what it costs, exposes or loses, a line each.
    ///   - line: what is to be typed where nobody can be asked, behind `spacesync` and without `--yes`.
    /// - Throws: kind `guarded` without a yes.
    func require(_ what: String, _ details: [String], line: String) async throws(DeployError) {
        let world = context.invocation.environment
        guard !context.arguments.has(.yes) else { return }
        if world.canAsk {
            // In one with the question: it is never asked without them, whatever else is told.
            if await Prompt(world).confirmDefaultNo(
                (details.map(\.visible) + ["\(what)?"]).joined(separator: "\n"))
            {
                return
            }
            guard !Task.isCancelled else { throw DeployError(.interrupted, "interrupted") }
            throw DeployError(.blocked, "nothing was changed")
        }
        throw DeployError(
            .blocked, "\(what): this needs a yes", details: details,
            hint: "spacesync \(line) --yes")
    }
}
