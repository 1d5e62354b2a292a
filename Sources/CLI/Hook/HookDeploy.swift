import Deploy
import DeploySettings
import Essentials
import Git
import SpacesModel

/// A deploy of a pushed branch to a Space.
struct HookDeploy: Sendable {
    var target: Target
    var push: RefUpdate
    var options: PushOptions
    var context: RunContext

    var entry: HookOutcome.Entry {
        var entry = HookOutcome.Entry(target.space, push)
        entry.page = "\(context.endpoint)/spaces/\(target.space)"
        return entry
    }

    /// Whether the new commit of the branch does not descend from the old one (a forced push).
    var isForced: Bool {
        get async {
            guard let source = context.loaded.currentRepository?.source, !push.old.isZero else {
                return false
            }
            return await !source.descends(push.new, from: push.old)
        }
    }

    /// The reason why this push is superseded; `nil` if it is not. The newest push of a branch is
    /// deployed by its own hook.
    func newerRun() async -> String? {
        guard let source = context.loaded.currentRepository?.source else { return nil }
        let (tip, name) = (await source.tip(of: push.ref), push.name ?? push.ref)
        guard tip != push.new else { return nil }
        return tip.map { "a newer push of \(name) (\($0.short)) takes the place of \(push.new.short)" }
            ?? "\(name) was deleted meanwhile"
    }
}

/// The deploys, refused targets and warnings of a push.
struct HookDeploys: Sendable {
    var deploys: [HookDeploy] = []
    var refused: [Refusal] = []
    /// Warnings about the push options; the same for all branches.
    var warnings: [String] = []

    struct Refusal: Sendable {
        var target: RejectedTarget
        var push: RefUpdate
        var context: RunContext
    }

    var isEmpty: Bool { deploys.isEmpty && refused.isEmpty }

    var entries: [HookOutcome.Entry] {
        deploys.map(\.entry) + refused.map { HookOutcome.Entry($0.target.space, $0.push) }
    }

    /// Batches of deploys that can run in parallel: each Space occurs at most once per batch.
    var batches: [[HookDeploy]] {
        var batches: [[HookDeploy]] = []
        for deploy in deploys {
            let index = batches.firstIndex { !$0.contains { $0.target.space == deploy.target.space } }
            if let index { batches[index].append(deploy) } else { batches.append([deploy]) }
        }
        return batches
    }
}

extension HookOutcome.Entry {
    init(_ space: SpaceID, _ push: RefUpdate) {
        self.init(space: space.description, branch: push.name ?? push.ref, source: push.new.description)
    }

    /// The entry of a push that failed before its Spaces were known.
    init(_ push: RefUpdate, endedBy failure: DeployError) {
        self.init(space: "", branch: push.name ?? push.ref, source: push.new.description)
        outcome = DeployResult.Outcome(of: failure.kind).rawValue
        (exit, ended) = (failure.kind.exitCode, Date().timeIntervalSince1970)
        message = ([failure.message] + failure.details.prefix(1)).joined(separator: ": ")
    }
}
