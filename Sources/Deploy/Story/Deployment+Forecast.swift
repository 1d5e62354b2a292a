import DeploySettings
import DockerfileTemplates
import SpacesModel

/// What a deploy will come to if the Space is still as this machine last saw it.
enum Forecast<Store: ObjectStoring>: Sendable {
    /// Nothing tells: the Space's head is waited for.
    case unknown
    /// Nothing is known of the Space, so its branch is asked in any case.
    case firstSight
    /// Composed over the head that was seen last.
    case composed(ComposedTree<Store>, isPushed: Bool)

    /// Whether the branch is asked at once, beside the API's record, as for a push it must be asked.
    var expectsPush: Bool {
        switch self {
        case .unknown: false
        case .firstSight: true
        case .composed(_, let isPushed): isPushed
        }
    }

    /// The composition, if the Space's head is the one that it stands on.
    func work(over state: SpaceState) -> ComposedTree<Store>? {
        guard case .composed(let work, _) = self, work.head == state.head?.id else { return nil }
        return work
    }
}

/// A composition with what led to it.
struct ComposedTree<Store: ObjectStoring>: Sendable {
    /// The Space's commit that it stands on; nil if the Space holds nothing.
    var head: ObjectID?
    var composer: Composer<Store>
    var reconciler: Reconciler<Store>?
    var composition: Composition
}

extension Deployment {
    /// Composes over the Space's head as an earlier run left it in the store, while the Hub is asked for the present one.
    /// Asks the Space nothing and reports nothing; an error is left to the composition over the present head.
    func forecast(for snapshot: Snapshot) async -> Forecast<Store> {
        guard target.spaceBranch == "main", !target.sendsHistory else { return .unknown }
        guard let head = await space.lastHead() else { return .firstSight }
        // What was rolled back, other people's commits and images lead to requests of their own.
        guard head.isDeploy, Trailers(of: head.message).takenBack.isEmpty, target.image == nil else {
            return .unknown
        }
        let state = SpaceState(head: head)
        do throws(Failure) {
            let past = try await past(of: state)
            let work = try await compose(snapshot, over: state, past, on: nil, knowing: SurveyedFiles())
            return .composed(work, isPushed: try await isPushed(work, over: state, snapshot))
        } catch { return .unknown }
    }

    /// Whether nothing on this machine stands against a push, or makes it needless.
    private func isPushed(
        _ work: ComposedTree<Store>, over state: SpaceState, _ snapshot: Snapshot
    ) async throws(Failure) -> Bool {
        guard !work.composition.plan.isEmpty,
            Failure.preflight(work.composition.findings, target.space) == nil,
            try await objections(
                work.composition, work.reconciler, state, work.composer.kinds, snapshot
            ).isEmpty
        else { return false }
        try options.wouldCommit()
        return true
    }

    /// - Parameter surveyed: files that were looked at before.
    func compose(
        _ snapshot: Snapshot, over state: SpaceState, _ past: SpacePast, on image: BaseImage?,
        knowing surveyed: SurveyedFiles
    ) async throws(Failure) -> ComposedTree<Store> {
        var composer = Composer(
            target, snapshot, store: store, space: state.head?.tree, completing: past.completedKeys, on: image
        ) { [space] (blobs) async throws(Failure) in try await space.bring(blobs) }
        composer.surveyed = surveyed
        composer.isHubsFirst = state.isPristine
        var reconciler = reconciler(past, snapshot)
        let composition = try await composer.compose(&reconciler)
        return ComposedTree(
            head: state.head?.id, composer: composer, reconciler: reconciler, composition: composition)
    }
}
