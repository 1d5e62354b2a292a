import DeploySettings
import DockerfileTemplates
import SpacesModel
import TextTools

/// What a plan starts from, besides the target: what the run knows already.
struct PlanInputs: Sendable {
    /// The Space's record from the API, from before the run; `nil` if the API is not asked for it.
    var before: Concurrent<SpaceInfo?>?
    /// Whether the head in that record may be used instead of fetching the branch (first attempt).
    var mayUseObservedHead = false
    /// Whether an earlier attempt has read the source: the Space has new commits, and the source
    /// branch may have too.
    var isRetry = false
    /// The source, if an earlier plan of this attempt has read it.
    var source: SourceSnapshot?
    /// Whether this run asked the Hub to create the Space, so that it must be there now.
    var requestedCreation = false
    /// Whether this run created the Space.
    var isCreated = false
    /// Scan results of an earlier composition.
    var scanCache = ScanCache()
}

/// The tree that a push would send, with the decisions that led to it.
struct DeployDraft: Sendable {
    var composition: ComposedTree
    /// The Space's commit that the tree is composed over; `nil` if the Space has no commit.
    var base: ObjectID?
    var sdkChange: SDKChange
    /// Keys of the card whose values come from the Space's card.
    var preservedKeys: [String] = []
    /// The edits made on the Space; `nil` if the Space has no commit, and with `history = source`.
    var reconciler: DriftReconciler?
    var image: BaseImage?
    /// Decisions made during composition, for the log.
    var messages: [String] = []
    var scanCache = ScanCache()
    /// The relation of the source's commits to the Space's; only with `history = source`.
    var relation: HistoryRelation?

    var tree: ObjectID { composition.tree }
    var plan: Plan { composition.plan }
}

/// A deploy that is planned: everything known before anything is sent.
struct PreparedDeploy: Sendable {
    var source: SourceSnapshot
    var space: SpaceHead
    var baseline = DeployBaseline()
    var draft: DeployDraft
    /// The release trailers that the commit of this deploy records; `nil` before the push, and with
    /// `history = source`.
    var release: ReleaseTrailers?
    /// Violations of guards, which block the push.
    var violations: [GuardViolation] = []
    /// Warnings shown before the push. At a terminal they require confirmation; elsewhere the push
    /// continues.
    var warnings: [GuardViolation] = []
    /// The error that ends the run as superseded: a newer commit of the branch is deployed already.
    var supersededError: DeployError?
    /// Whether the configuration was applied.
    var isConfigured = false
    /// The Space's commit with this tree; `nil` before the push.
    var commit: ObjectID?
    var isPushed = false

    var plan: Plan { draft.plan }
    var findings: [Finding] { draft.composition.findings }
    /// The last deploy in the history of the Space's head, as far as the history was searched.
    var lastDeploy: Commit? { baseline.lastDeploy }
    /// Changes of variables, secrets, hardware and visibility.
    var configurationChanges: [ConfigurationChange] { plan.configurationChanges }
    /// Whether there is nothing to do.
    var isDone: Bool { plan.isDone }
    /// Whether the configuration was applied and the Hub restarts the Space for it.
    var isRestarted: Bool {
        isConfigured && configurationChanges.contains { $0.command?.restartsSpace == true }
    }
}

/// The expected result of a deploy if the Space has not changed since this machine last saw it.
enum Forecast: Sendable {
    /// No forecast is possible: the deploy waits for the Space's head from the API.
    case unknown
    /// No earlier head of the Space is known, so its branch is fetched in any case.
    case noKnownHead
    /// The tree composed over the last known head.
    case composed(DeployDraft, isPushed: Bool)

    /// Whether the branch is fetched immediately, concurrently with the API's record, as a push needs
    /// it.
    var expectsPush: Bool {
        switch self {
        case .unknown: false
        case .noKnownHead: true
        case .composed(_, let isPushed): isPushed
        }
    }

    /// Returns the draft if it is composed over the Space's head.
    func draft(over space: SpaceHead) -> DeployDraft? {
        guard case .composed(let draft, _) = self, draft.base == space.head?.id else { return nil }
        return draft
    }

    /// Composes over the Space's head that an earlier run stored, while the current head is requested
    /// from the Hub. Sends the Space no request and reports nothing. An error makes the forecast
    /// `unknown`; the composition over the current head reports it.
    static func make(for source: SourceSnapshot, by deployer: Deployer) async -> Forecast {
        let target = deployer.target
        guard target.spaceBranch == "main", !target.pushesHistory else { return .unknown }
        guard let head = await deployer.space.lastHead() else { return .noKnownHead }
        // Rollbacks, other people's commits and images need requests of their own.
        guard head.isDeploy, Trailers(of: head.message).rolledBackCommits.isEmpty, target.image == nil else {
            return .unknown
        }
        let space = SpaceHead(head: head)
        do throws(DeployError) {
            let baseline = try await deployer.baselines.load(of: space)
            let draft = try await deployer.composeTree(source, over: space, baseline)
            return .composed(draft, isPushed: try await wouldPush(draft, over: space, source, by: deployer))
        } catch { return .unknown }
    }

    /// Returns whether the draft has changes and nothing known locally blocks the push.
    private static func wouldPush(
        _ draft: DeployDraft, over space: SpaceHead, _ source: SourceSnapshot, by deployer: Deployer
    ) async throws(DeployError) -> Bool {
        guard !draft.plan.isEmpty,
            DeployError.preflight(draft.composition.findings, deployer.target.space) == nil,
            try await deployer.guards.violations(of: draft, over: space, source).isEmpty
        else { return false }
        try deployer.options.checkCommitBudget()
        return true
    }
}
