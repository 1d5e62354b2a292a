import DeploySettings
import DockerfileTemplates
import SpacesModel

/// What a deploy will come to if the Space is still as this machine last saw it.
enum Forecast<Store: ObjectDatabase>: Sendable {
    /// Nothing tells: the Space's head is waited for.
    case unknown
    /// Nothing is known of the Space, so its branch is asked in any case.
    case noKnownHead
    /// Composed over the head that was seen last.
    case composed(ComposeResult<Store>, isPushed: Bool)

    /// Whether the branch is asked at once, beside the API's record, as for a push it must be asked.
    var expectsPush: Bool {
        switch self {
        case .unknown: false
        case .noKnownHead: true
        case .composed(_, let isPushed): isPushed
        }
    }

    /// The composition, if the Space's head is the one that it stands on.
    func result(over state: SpaceHead) -> ComposeResult<Store>? {
        guard case .composed(let work, _) = self, work.head == state.head?.id else { return nil }
        return work
    }
}

/// A composition with what led to it.
struct ComposeResult<Store: ObjectDatabase>: Sendable {
    /// The Space's commit that it stands on; nil if the Space holds nothing.
    var head: ObjectID?
    var composer: TreeComposer<Store>
    var reconciler: DriftReconciler<Store>?
    var composition: ComposedTree
}

extension Deployer {
    /// Composes over the Space's head as an earlier run left it in the store, while the Hub is asked for the present one.
    /// Asks the Space nothing and reports nothing; an error is left to the composition over the present head.
    func forecast(for snapshot: SourceSnapshot) async -> Forecast<Store> {
        guard target.spaceBranch == "main", !target.pushesHistory else { return .unknown }
        guard let head = await space.lastHead() else { return .noKnownHead }
        // What was rolled back, other people's commits and images lead to requests of their own.
        guard head.isDeploy, Trailers(of: head.message).rolledBackCommits.isEmpty, target.image == nil else {
            return .unknown
        }
        let state = SpaceHead(head: head)
        do throws(DeployError) {
            let past = try await loadBaseline(of: state)
            let work = try await compose(snapshot, over: state, past, on: nil, knowing: ScanCache())
            return .composed(work, isPushed: try await wouldPush(work, over: state, snapshot))
        } catch { return .unknown }
    }

    /// Whether nothing on this machine stands against a push, or makes it needless.
    private func wouldPush(
        _ result: ComposeResult<Store>, over state: SpaceHead, _ snapshot: SourceSnapshot
    ) async throws(DeployError) -> Bool {
        guard !result.composition.plan.isEmpty,
            DeployError.preflight(result.composition.findings, target.space) == nil,
            try await guardViolations(
                result.composition, result.reconciler, state, result.composer.sdkChange, snapshot
            ).isEmpty
        else { return false }
        try options.checkCommitBudget()
        return true
    }

    /// - Parameter surveyed: files that were looked at before.
    func compose(
        _ snapshot: SourceSnapshot, over state: SpaceHead, _ baseline: DeployBaseline, on image: BaseImage?,
        knowing scanCache: ScanCache
    ) async throws(DeployError) -> ComposeResult<Store> {
        var composer = TreeComposer(
            target, snapshot, store: store, space: state.head?.tree, completing: baseline.completedKeys,
            on: image
        ) { [space] (blobs) async throws(DeployError) in try await space.fetchBlobs(blobs) }
        composer.scanCache = scanCache
        composer.isPristine = state.isPristine
        var reconciler = reconciler(baseline, snapshot)
        let composition = try await composer.compose(&reconciler)
        return ComposeResult(
            head: state.head?.id, composer: composer, reconciler: reconciler, composition: composition)
    }
}
