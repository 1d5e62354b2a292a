import Deploy
import DeploySettings
import Essentials
import SpacesModel

/// Deploys one target of a pass in its own process, because the target was being deployed when an
/// earlier process crashed.
struct IsolatedTarget: Sendable {
    let invocation: Invocation

    func report(on target: Target) async -> DeployResult {
        var environment = invocation.environment.variables
        environment[PassLink.roleVariable] = PassLink.Role.target.rawValue
        environment[PassLink.suspectsVariable] = nil
        let end = await PassProcess(
            arguments: ["mirror"] + invocation.arguments.passArguments(only: target.space),
            environment: environment,
            inheritsOutput: false
        ).run()
        if let report = end.messages.compactMap(\.report).last { return report.report(on: target.space) }
        return DeployResult(target.space, failure: failure(of: target.space, end))
    }

    private func failure(of space: SpaceID, _ end: PassProcess.End) -> DeployError {
        if Task.isCancelled { return DeployError(.interrupted, "\(space): interrupted") }
        if let failure = end.messages.compactMap(\.failure).last { return failure.failure }
        let cause = end.status.flatMap { ChildProcess.signal(of: $0) }.map(PassProcess.description)
        return DeployError(
            .internalError, "\(space): the process that deployed it \(cause ?? "ended without a result")",
            details: ["the other targets of the pass are not affected"],
            hint: "look for unusual input in its source: spacesync check \(space)")
    }
}
