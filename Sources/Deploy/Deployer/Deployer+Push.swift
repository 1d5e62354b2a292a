import DeploySettings
import DockerSyntax
import SpacesModel
import TextTools

/// The steps of a push: creating the Space, asking for confirmation, uploading, and the
/// compare-and-swap of the branch.
extension Deployer {
    /// Throws unless this run may create the missing Space: by the setting `create`, or a confirmation at
    /// the terminal.
    /// - Parameter missing: the Hub's error about the missing Space.
    func requireCreation(instead missing: DeployError) async throws(DeployError) {
        var isAllowed = target.create
        if isAllowed == nil {
            isAllowed = await options.confirm(
                "Create the \(visibilityOfNewSpace) Space \(target.space)?")
            if isAllowed == false, !Task.isCancelled {
                throw DeployError(
                    missing.kind, "\(target.space) was not created; nothing was pushed", cause: .declined)
            }
        }
        guard isAllowed == true else {
            var error = missing
            error.hint =
                "to create it: spacesync push \(target.space) --create\nor set create = true in its section"
            throw error
        }
        try options.checkCommitBudget()
    }

    private var visibilityOfNewSpace: String { target.visibility ?? "private" }

    /// Creates the Space of a plan, with its complete configuration. A tree that the Hub would refuse
    /// throws, so that no Space is created in vain.
    /// - Returns: the inputs to plan again over what the Hub puts into a new Space.
    func createSpace(for plan: PreparedDeploy) async throws(DeployError) -> PlanInputs {
        if let failure = DeployError.preflight(plan.findings, target.space) { throw failure }
        let configuration = environment.configuration
        try requireSecretValues(of: configuration.desiredConfiguration, on: [])
        let settings = try await initialConfiguration()
        try await confirmCosts(to: settings)
        emit(.step("Creating \(target.space) (\(visibilityOfNewSpace))"))
        let sdk = plan.draft.sdkChange.new ?? "docker"
        let wasCreated = try await configuration.create(sdk: sdk, visibility: visibilityOfNewSpace)
        emit(.detail("created \(target.space), a \(sdk) Space"))
        if wasCreated { settings.forEach { emit(.configured($0)) } }
        return PlanInputs(
            source: plan.source, requestedCreation: true, isCreated: wasCreated,
            scanCache: plan.draft.scanCache)
    }

    /// Throws if the push must not be made: errors of the preflight check, a newer deploy, violated
    /// guards, or an exhausted commit limit.
    /// - Parameter confirmed: the warnings that the user confirmed earlier in this run.
    func requireApproval(
        _ deploy: inout PreparedDeploy, _ attempt: Int, _ confirmed: inout Set<GuardViolation>,
        _ result: inout DeployResult
    ) async throws(DeployError) {
        if let failure = DeployError.preflight(deploy.findings, target.space) {
            result.guards = deploy.violations.guards
            throw failure
        }
        if let supersededError = deploy.supersededError { throw supersededError }
        if attempt > 1, let violation = deploy.violations.first(where: { $0.guardName == .behind }) {
            throw BehindGuard.superseded(by: violation, target.space)
        }
        deploy.violations = try await confirmViolations(deploy, &confirmed)
        result.guards = deploy.violations.guards
        guard deploy.violations.isEmpty else { throw blockedError(of: deploy) }
        try options.checkCommitBudget()
    }

    /// Shows the warnings. On a terminal, asks for confirmation of them and of guards that can be
    /// confirmed; each question is asked once per run.
    /// - Returns: the guard violations that block the push.
    /// - Throws: kind `interrupted` if Ctrl-C is pressed at a question.
    private func confirmViolations(
        _ deploy: PreparedDeploy, _ confirmed: inout Set<GuardViolation>
    ) async throws(DeployError) -> [GuardViolation] {
        let violations = deploy.violations
        let canConfirm =
            violations.isEmpty || options.isInteractive && violations.allSatisfy { $0.prompt != nil }
        for violation in (canConfirm ? violations : []) + deploy.warnings
        where !confirmed.contains(violation) {
            logViolation(violation)
            if canConfirm, options.isInteractive, let prompt = violation.prompt {
                let isConfirmed = await options.confirm(prompt) == true
                guard !Task.isCancelled else {
                    throw DeployError(.interrupted, "\(target.space): interrupted; nothing was changed")
                }
                guard isConfirmed else { return [violation] }
            }
            confirmed.insert(violation)
        }
        return canConfirm ? [] : violations
    }

    func blockedError(of deploy: PreparedDeploy) -> DeployError {
        .blockedByGuards(deploy.violations, target.space, overridden: options.overriddenGuards)
    }

    func logViolation(_ warning: GuardViolation) {
        emit(warning.isQuiet ? .detail(warning.message) : .warning(warning.message))
        (warning.details + warning.hints).forEach { emit(.detail($0)) }
    }

    /// Logs the guard violations that would block a push, for commands that do not push.
    func logGuardViolations(of deploy: PreparedDeploy) {
        for violation in deploy.violations {
            guard let name = violation.guardName?.rawValue else { continue }
            emit(.warning("a push requires --force=\(name): \(violation.message)"))
            violation.hints.forEach { emit(.detail($0)) }
        }
    }

    /// Logs the edits that stay on the Space although no commit is pushed that records them for later
    /// deploys.
    func logPreservedEdits(_ edits: [RemoteEdit]) {
        guard !edits.isEmpty else { return }
        // A plan lists these edits already.
        let shown = options.isPlan ? [] : edits.prefix(12)
        for edit in shown { emit(.detail("= \(edit.path)  edited on the Space (merged)")) }
        if !options.isPlan, edits.count > shown.count {
            emit(
                .detail(
                    "… and \(edits.count - shown.count) more; to see all: spacesync plan \(target.space)"))
        }
        guard case .flag = target.setting("drift")?.origin else { return }
        let setting =
            target.source == nil
            ? "git config space.\(target.space).drift merge" : "drift = merge in its section"
        emit(
            .detail(
                "kept this time only: no commit is pushed that records it; to keep it in later deploys: \(setting), "
                    + "or use --drift merge again"))
    }

    /// Uploads large files to the Hub's storage, before the commit that points to them is pushed.
    func uploadMissingLFSObjects(of deploy: PreparedDeploy) async throws(DeployError) {
        let files = deploy.draft.composition.lfsFiles
        guard let lfs = environment.lfs, !files.isEmpty else { return }
        let size = files.reduce(0) { $0.addingClamped($1.pointer.size) }
        let count = counted(files.count, "file")
        emit(.step("Uploading \(count) with LFS (\(size.asSize))"))
        try await lfs.upload(files, of: deploy.source) { emit(Event($0)) }
    }

    /// Pushes with one compare-and-swap; returns `nil` if the Space has new commits.
    func push(_ deploy: PreparedDeploy) async throws(DeployError) -> ObjectID? {
        let (newObjects, head) = (deploy.draft.composition.objects, deploy.space.head?.id)
        let receipt = try await send { () async throws(DeployError) in
            if target.pushesHistory {
                return try await space.push(
                    history: newObjects, to: deploy.source.commit.id, as: target.spaceBranch, expecting: head)
            }
            let commit = try await objects.write(commit: makeCommitDraft(deploy))
            return try await space.push(commit, with: newObjects, to: target.spaceBranch, expecting: head)
        }
        switch receipt {
        case .accepted(let commit, let lines):
            lines.forEach { emit(.remote($0)) }
            return commit
        case .stale:
            emit(.detail("\(target.space) has new commits; planning again"))
            return nil
        case .refused(let status, let lines):
            throw DeployError(
                .refused, "the Hub refused the push to \(target.space): \(status)", details: lines,
                hint: "nothing was changed; fix the reported problems and push again")
        }
    }

    /// Makes a push that uses one commit of the Hub's commit limit.
    /// - Returns: the result of the push, even if the run is cancelled in the meantime and
    /// `finishesPushOnCancel` is set.
    func send(
        _ push: @escaping @Sendable () async throws(DeployError) -> PushReceipt
    ) async throws(DeployError) -> PushReceipt {
        try options.reserveCommit()
        emit(.step("Pushing to \(target.space)"))
        guard options.finishesPushOnCancel, !Task.isCancelled else { return try await push() }
        // An unstructured task does not inherit cancellation.
        let task = Task { () async -> Result<PushReceipt, DeployError> in
            do throws(DeployError) { return .success(try await push()) } catch { return .failure(error) }
        }
        return try await task.value.get()
    }

    private func makeCommitDraft(_ deploy: PreparedDeploy) -> CommitDraft {
        let author = deploy.source.commit.author
        var committer = author
        (committer.time, committer.offset) = (options.now(), 0)
        return CommitDraft(
            tree: deploy.draft.tree, parents: [deploy.space.head?.id].compactMap { $0 },
            author: author, committer: committer, message: makeCommitMessage(deploy))
    }

    /// Returns the source commit's subject, and the trailers that record for later runs what this run
    /// did (design 4.7).
    private func makeCommitMessage(_ deploy: PreparedDeploy) -> String {
        let snapshot = deploy.source
        var trailers = Trailers()
        if let promotion = snapshot.promotion {
            promotion.write(to: &trailers, target.trace)
        } else if target.trace == "full" {
            trailers.add("Source-Repository", snapshot.repository)
            if let branch = snapshot.branch { trailers.add("Source-Branch", branch) }
        }
        if target.trace != "none", snapshot.promotion == nil {
            trailers.add("Source-Commit", snapshot.commit.id.description)
        }
        for pattern in target.keep { trailers.add("Keep", pattern) }
        for mapping in target.adds { trailers.add("Source-Dirty", mapping.from.description) }
        if target.trace != "none", snapshot.promotion == nil, !target.contentFlags.isEmpty {
            trailers.add(DroppedFlags.trailer, target.contentFlags.joined(separator: ", "))
        }
        trailers.add("Settings", target.settingsHash)
        if let image = deploy.draft.composition.baseImage { trailers.add(ImageReference.trailer, image) }
        if !deploy.draft.preservedKeys.isEmpty {
            trailers.add("Card-Kept", deploy.draft.preservedKeys.joined(separator: ", "))
        }
        deploy.draft.reconciler?.merged.write(to: &trailers)
        deploy.release?.write(to: &trailers)
        if let actor = options.actor, target.trace == "full" { trailers.add("Deployed-By", actor) }
        trailers.add("Spacesync", options.version)
        let subject = options.message ?? snapshot.commit.subject
        return (subject.isEmpty ? "Deploy \(snapshot.commit.id.short)" : subject) + "\n\n" + trailers.text
    }
}
