import DeploySettings
import SpacesModel
import TextTools

/// What a run decides, apart from the target's settings.
package struct DeployOptions: Sendable {
    /// Whether the build is followed (`--no-wait`).
    package var waits = true
    package var isPlan = false
    /// All files of the composed tree are wanted at hand, not only their names (`export`).
    package var needsAllBlobs = false
    /// What was planned, and alone may be pushed (`push --plan`).
    package var expectedPlan: SavedPlan?
    /// The plan shows texts line by line (`plan --diff`).
    package var includesDiffs = false
    /// Keeps other runs of this machine from the Space; tells for whom it waits.
    package var lock: @Sendable ((String) -> Void) async throws(DeployError) -> (any DeployLock)? = { _ in nil
    }
    /// From here on the Space is only watched.
    package var onPushed: @Sendable () async -> Void = {}
    /// How many Spaces are watched at the moment, which share the account's requests.
    package var activeWatchCount: @Sendable () -> Int = { 1 }
    /// The app is asked even where nothing was pushed and the Space runs.
    package var probesWhenUnchanged = true
    /// What the settings want besides files is compared even where nothing is pushed.
    package var comparesConfiguration = true
    /// What the Space was before the run, where that is known without asking for this Space alone; else it calls what it
    /// is given.
    package var fetchInitialInfo: @Sendable (_ ask: @Sendable () async -> SpaceInfo?) async -> SpaceInfo? = {
        await $0()
    }
    /// How deploys of the Space ended, as this machine saw it.
    package var outcomes: any OutcomeStoring = NoOutcomes()
    /// A commit may be made now; throws kind `tryLater` where the Hub's limit is near.
    package var reserveCommit: @Sendable () throws(DeployError) -> Void = {}
    /// Whether it would throw, before anything is made or sent that only a commit makes use of.
    package var checkCommitBudget: @Sendable () throws(DeployError) -> Void = {}
    /// A push that is under way gets its answer even where the run is cancelled.
    package var finishesPushOnCancel = false
    /// Variables and secrets that the settings do not name are removed.
    package var prunes = false
    /// Keys that may cost money or expose without a question (`spacesync.trust`), lower case.
    package var preapproved: Set<String> = []
    /// Guards that this run may pass.
    package var overriddenGuards: Set<Guard> = []
    /// Something newer that deploys instead of this run, in one sentence; nil while there is nothing.
    package var newerRun: @Sendable () async -> String? = { nil }
    /// Asks the Hub what it thinks of a card; nil where no token is in reach.
    package var cardValidator: CardValidator?
    /// Instead of the source commit's subject.
    package var message: String?
    /// `user@host`, or the CI run; nil leaves the trailer out.
    package var actor: String?
    package var version: String
    /// Seconds since 1970.
    package var now: @Sendable () -> Int64
    /// A hook or a CI job. If a newer commit is deployed already, the run ends as superseded instead of refused.
    package var isAutomatic = false
    /// Whether the source branch was moved back on purpose from the commit that is deployed.
    package var wasMovedBack: @Sendable (_ deployed: ObjectID) -> Bool = { _ in false }
    /// A person at a terminal can be asked.
    package var isInteractive = false
    /// Asks the person; false where nobody is there to answer.
    package var requestConfirmation: @Sendable (String) async -> Bool
    /// Asks the person, with no as the default; `nil` where nobody is there to answer.
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
    /// Tells two states of the settings that shape the tree apart: FNV-1a, 64 bits, of every effective setting.
    package var settingsHash: String {
        let text = resolvedSettings.map { "\($0.key)=\($0.value)\n" }.joined()
        return text.utf8.fingerprint
    }
}

extension Plan {
    /// No file to add, update or remove.
    package var isEmpty: Bool { changes.allSatisfy { $0.kind == .kept } && commits.isEmpty }
    /// Nothing to set, either.
    package var isDone: Bool { isEmpty && configurationChanges.allSatisfy { $0.command == nil } }
    package func count(_ kind: Change.Kind) -> Int { changes.count { $0.kind == kind } }
}
