import DeploySettings
import DockerfileTemplates
import SpacesModel

/// The expected result of a deploy if the Space has not changed since this machine last saw it.
enum Forecast<Store: ObjectDatabase>: Sendable {
    /// No forecast is possible: the deploy waits for the Space's head from the API.
    case unknown
    /// No earlier head of the Space is known, so its branch is fetched in any case.
    case noKnownHead
    /// The tree composed over the last known head.
    case composed(ComposeResult<Store>, isPushed: Bool)

    /// Whether the branch is fetched immediately, concurrently with the API's record, as a push needs
    /// it.
    var expectsPush: Bool {
        switch self {
        case .unknown: false
        case .noKnownHead: true
        case .composed(_, let isPushed): isPushed
        }
    }

    /// Returns the composition if it is based on the Space's head.
    func result(over state: SpaceHead) -> ComposeResult<Store>? {
        guard case .composed(let result, _) = self, result.head == state.head?.id else { return nil }
        return result
    }
}

/// A composition with its composer and drift reconciler.
struct ComposeResult<Store: ObjectDatabase>: Sendable {
    /// The Space's commit that the composition is based on; `nil` if the Space has no commit.
    var head: ObjectID?
    var composer: TreeComposer<Store>
    var reconciler: DriftReconciler<Store>?
    var composition: ComposedTree
}

extension Deployer {
    /// Composes over the Space's head that an earlier run stored, while the current head is requested
    /// from the Hub. Sends the Space no request and reports nothing. An error makes the forecast
    /// `unknown`; the composition over the current head reports it.
    func forecast(for snapshot: SourceSnapshot) async -> Forecast<Store> {
        guard target.spaceBranch == "main", !target.pushesHistory else { return .unknown }
        guard let head = await space.lastHead() else { return .noKnownHead }
        // Rollbacks, other people's commits and images need requests of their own.
        guard head.isDeploy, Trailers(of: head.message).rolledBackCommits.isEmpty, target.image == nil else {
            return .unknown
        }
        let state = SpaceHead(head: head)
        do throws(DeployError) {
            let baseline = try await loadBaseline(of: state)
            let result = try await compose(snapshot, over: state, baseline, on: nil, knowing: ScanCache())
            return .composed(result, isPushed: try await wouldPush(result, over: state, snapshot))
        } catch { return .unknown }
    }

    /// Returns whether the composition has changes and nothing known locally blocks the push.
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

    /// Composes the tree over the Space's head.
    /// - Parameter scanCache: scan results from an earlier composition.
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
