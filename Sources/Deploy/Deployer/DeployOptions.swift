import DeploySettings
import SpacesModel
import TextTools

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
    /// Asks the user a question; returns false if no user is present.
    package var requestConfirmation: @Sendable (String) async -> Bool
    /// Asks the user a question with "no" as the default; returns `nil` if no user is present.
    package var confirm: @Sendable (String) async -> Bool? = { _ in nil }

    package init(
        version: String, now: @escaping @Sendable () -> Int64,
        requestConfirmation: @escaping @Sendable (String) async -> Bool = { _ in false }
    ) {
        (self.version, self.now, self.requestConfirmation) = (version, now, requestConfirmation)
    }
}

extension Deployer {
    package typealias Options = DeployOptions
}

extension Target {
    /// A fingerprint of the effective settings that shape the tree: FNV-1a, 64 bits.
    package var settingsHash: String {
        let text = resolvedSettings.map { "\($0.key)=\($0.value)\n" }.joined()
        return text.utf8.fingerprint
    }
}

extension Plan {
    /// Whether there is no file to add, update or remove, and no commit to push.
    package var isEmpty: Bool { changes.allSatisfy { $0.kind == .kept } && commits.isEmpty }
    /// Whether the plan is empty and there is no configuration to apply either.
    package var isDone: Bool { isEmpty && configurationChanges.allSatisfy { $0.command == nil } }
    package func count(_ kind: Change.Kind) -> Int { changes.count { $0.kind == kind } }
}
