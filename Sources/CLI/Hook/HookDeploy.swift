import Deploy
import DeploySettings
import Essentials
import Git
import SpacesModel

/// A Space that a pushed branch goes to.
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

    /// Whether the push moved the branch to a commit that does not descend from the one before.
    var isForced: Bool {
        get async {
            guard let source = context.loaded.currentRepository?.source, !push.old.isZero else {
                return false
            }
            return await !source.descends(push.new, from: push.old)
        }
    }

    /// What took the place of what was pushed, where something did: the newest push of a branch decides, and deploys by
    /// its own hook.
    func newerRun() async -> String? {
        guard let source = context.loaded.currentRepository?.source else { return nil }
        let (tip, name) = (await source.tip(of: push.ref), push.name ?? push.ref)
        guard tip != push.new else { return nil }
        return tip.map { "a newer push of \(name) (\($0.short)) takes the place of \(push.new.short)" }
            ?? "\(name) was deleted meanwhile"
    }
}

/// All that a push is about.
struct HookDeploys: Sendable {
    var deploys: [HookDeploy] = []
    var refused: [Refusal] = []
    /// About what the pusher says; the same for all branches.
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

    /// No Space twice in one.
    var batches: [[HookDeploy]] {
        var rounds: [[HookDeploy]] = []
        for errand in deploys {
            let free = rounds.firstIndex { !$0.contains { $0.target.space == errand.target.space } }
            if let free { rounds[free].append(errand) } else { rounds.append([errand]) }
        }
        return rounds
    }
}

extension HookOutcome.Entry {
    init(_ space: SpaceID, _ push: RefUpdate) {
        self.init(space: space.description, branch: push.name ?? push.ref, source: push.new.description)
    }

    /// A push whose Spaces are not even known.
    init(_ push: RefUpdate, endedBy failure: DeployError) {
        self.init(space: "", branch: push.name ?? push.ref, source: push.new.description)
        outcome = DeployResult.Outcome(of: failure.kind).rawValue
        (exit, ended) = (failure.kind.exitCode, Date().timeIntervalSince1970)
        message = ([failure.message] + failure.details.prefix(1)).joined(separator: ": ")
    }
}
