import Reporting
import SpacesModel

/// Confirmation of actions that cost money, expose data or cannot be undone: typed on the terminal,
/// or `--yes`.
struct Confirmation: Sendable {
    private let context: SpaceCommandContext
    private let space: SpaceID

    init(_ context: SpaceCommandContext, _ space: SpaceID) { (self.context, self.space) = (context, space) }

    /// Requires confirmation of an action.
    /// - Parameters:
    ///   - action: a sentence without full stop.
    ///   - details: the costs, exposure or losses, one line each.
    ///   - line: the command for the hint if there is no terminal, without `spacesync` and `--yes`.
    /// - Throws: kind `blocked` without confirmation.
    func require(_ action: String, _ details: [String], line: String) async throws(DeployError) {
        let environment = context.invocation.environment
        guard !context.arguments.has(.yes) else { return }
        if environment.canAsk {
            // Part of the prompt, so that no other output separates the details from the question.
            if await Prompt(environment).confirmDefaultNo(
                (details.map(\.visible) + ["\(action)?"]).joined(separator: "\n"))
            {
                return
            }
            guard !Task.isCancelled else { throw DeployError(.interrupted, "interrupted") }
            throw DeployError(.blocked, "nothing was changed")
        }
        throw DeployError(
            .blocked, "\(action): this needs a yes", details: details,
            hint: "spacesync \(line) --yes")
    }
}
