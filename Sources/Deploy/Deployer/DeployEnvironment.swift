import DeploySettings
import DockerSyntax
import SpacesModel
import TextTools

/// The repositories and services that a deploy works with (design 7.3). `nil` stands for a collaborator
/// that the command does not need.
package struct DeployEnvironment: Sendable {
    /// The repository that is deployed, or the Space that is promoted; `nil` for a rollback.
    package var source: (any SourceRepository)?
    /// Whether the source is the caller's own work tree (current or named), from which `add` may
    /// read. False in a hook.
    package var isOwnSource = false
    /// Opens a remote of the source by its URL, to look for commits there; `nil` if it cannot be
    /// opened.
    package var openRemote: @Sendable (String) async -> (any SourceRepository)? = { _ in nil }
    package var objects: any ObjectDatabase
    package var space: any SpaceRepository
    package var runtime: any SpaceRuntimeService
    package var configuration: any SpaceConfigurationService
    /// `nil` if the tree is deployed as it is and no image is resolved.
    package var images: (any ImageResolver)?
    /// `nil` if the Space's storage has the LFS files already.
    package var lfs: (any LFSTransferring)?
    package var http: any HTTPProber
    package var clock: any Clock<Duration>
    package var emit: EventHandler

    package init(
        source: (any SourceRepository)?, objects: any ObjectDatabase, space: any SpaceRepository,
        runtime: any SpaceRuntimeService, configuration: any SpaceConfigurationService,
        images: (any ImageResolver)? = nil, lfs: (any LFSTransferring)? = nil, http: any HTTPProber,
        clock: any Clock<Duration> = ContinuousClock(), emit: @escaping EventHandler
    ) {
        (self.source, self.objects, self.space) = (source, objects, space)
        (self.runtime, self.configuration, self.images) = (runtime, configuration, images)
        (self.lfs, self.http, self.clock, self.emit) = (lfs, http, clock, emit)
    }
}

extension DeployEnvironment {
    /// Returns whether the source, its server or one of its remotes has a commit.
    func lookUp(commit: ObjectID) async -> CommitPresence {
        guard let source else { return .absent }
        let known = await source.lookUp(commit: commit)
        guard known != .present else { return .present }
        for address in await source.remoteAddresses() {
            if await openRemote(address)?.lookUp(commit: commit) == .present { return .present }
        }
        return known
    }

    /// Returns commits reachable from the tips: from the source itself, otherwise from its server or
    /// its remotes.
    func commits(leadingTo tips: [ObjectID], limit: Int) async -> [Commit] {
        guard let source else { return [] }
        let localCommits = await source.commits(leadingTo: tips, limit: limit)
        guard localCommits.isEmpty else { return localCommits }
        for address in await source.remoteAddresses() {
            let found = await openRemote(address)?.commits(leadingTo: tips, limit: limit) ?? []
            guard found.isEmpty else { return found }
        }
        return []
    }
}

/// The options of a run, apart from the target's settings.
package struct DeployOptions: Sendable {
    /// Whether the build is watched; false with `--no-wait`.
    package var waits = true
    package var isPlan = false
    /// Whether the content of all files of the composed tree is needed, not only their ids
    /// (`export`).
    package var needsAllBlobs = false
    /// The saved plan; only what it contains may be pushed (`push --plan`).
    package var expectedPlan: SavedPlan?
    /// Whether the plan includes line diffs (`plan --diff`).
    package var includesDiffs = false
    /// Acquires the lock that excludes other runs on this machine; while it waits, calls its argument
    /// with the description of the run that has the lock.
    package var lock: @Sendable ((String) -> Void) async throws(DeployError) -> (any DeployLock)? = { _ in nil
    }
    /// Called when the Space's lock is released after the push; from then on the Space is only
    /// watched.
    package var onPushed: @Sendable () async -> Void = {}
    /// The number of Spaces that are being watched now and share the account's request limit.
    package var activeWatchCount: @Sendable () -> Int = { 1 }
    /// Whether probes also run if nothing was pushed and the Space runs.
    package var probesWhenUnchanged = true
    /// Whether the configuration (variables, secrets, hardware, visibility) is compared even if
    /// nothing is pushed.
    package var comparesConfiguration = true
    /// Returns the Space's record from before the run. Calls `ask` unless the record is known from a
    /// request for several Spaces.
    package var fetchInitialInfo: @Sendable (_ ask: @Sendable () async -> SpaceInfo?) async -> SpaceInfo? = {
        await $0()
    }
    /// The outcomes of deploys of the Space that this machine observed.
    package var outcomes: any OutcomeStoring = NoOutcomes()
    /// Reserves one commit of the Hub's commit limit; throws kind `tryLater` if the limit is nearly
    /// reached.
    package var reserveCommit: @Sendable () throws(DeployError) -> Void = {}
    /// Throws if `reserveCommit` would throw; called before anything is created or sent that needs
    /// the commit.
    package var checkCommitBudget: @Sendable () throws(DeployError) -> Void = {}
    /// Whether a running push is completed even if the run is cancelled.
    package var finishesPushOnCancel = false
    /// Whether variables and secrets that the settings do not name are removed.
    package var prunes = false
    /// Keys, in lower case, that need no confirmation of costs or exposure (`spacesync.trust`).
    package var preapproved: Set<String> = []
    /// Guards that this run overrides.
    package var overriddenGuards: Set<Guard> = []
    /// Returns one sentence about a newer run that deploys instead of this one; `nil` if there is
    /// none.
    package var newerRun: @Sendable () async -> String? = { nil }
    /// Validates a card at the Hub; `nil` if no token is available.
    package var cardValidator: CardValidator?
    /// The subject of the commit; `nil` for the source commit's subject.
    package var message: String?
    /// `user@host`, or the CI run; `nil` omits the trailer.
    package var actor: String?
    package var version: String
    /// Returns the current time in seconds since 1970.
    package var now: @Sendable () -> Int64
    /// Whether a hook or CI job runs the deploy. If a newer commit is deployed already, such a run
    /// ends as superseded instead of refused.
    package var isAutomatic = false
    /// Returns whether the source branch was moved back on purpose from the deployed commit.
    package var wasMovedBack: @Sendable (_ deployed: ObjectID) -> Bool = { _ in false }
    /// Whether a user at a terminal can be asked.
    package var isInteractive = false
    /// Asks the user a question with "no" as the default. Returns true without asking if the run confirms
    /// everything (`--yes`), `nil` if no user is present.
    package var confirm: @Sendable (String) async -> Bool? = { _ in nil }

    package init(version: String, now: @escaping @Sendable () -> Int64) {
        (self.version, self.now) = (version, now)
    }
}
