import DeploySettings
import SpacesModel
import TextTools

extension Deployer {
    /// Reports the files that were changed on the Space since the last deploy. Sends nothing.
    /// - Parameter onDriftedFile: called with each changed file, in order of the paths.
    package func drift(
        withPatch: Bool, _ onDriftedFile: @Sendable (DriftedFile) async throws(DeployError) -> Void
    ) async -> DeployResult {
        await makeResult { (result) async throws(DeployError) in
            emit(.step("Reading the source"))
            let source = try await readSource(&result)
            let space = try await space.fetchHead(of: target.spaceBranch)
            emit(.read(source: source.commit.id, spaceHead: space.head?.id))
            try await objects.checkSize(of: source.commit.tree, source.repository)
            guard let head = space.head else {
                emit(.detail("\(target.space) has no commits yet"))
                return .planned
            }
            try await objects.checkSize(of: head.tree, target.space.description, .refused)
            result.commit = head.id
            let baseline = try await loadDriftBaseline(head, source)
            let merger = ThreeWayMerger(target, environment, source, since: baseline.since)
            let files = try await driftedFiles(on: baseline, merger, withPatch)
            let pathResolver = try await SourcePathResolver(target, in: source, store: objects)
            let patchBuilder = DriftPatchBuilder(
                baseline: baseline, pathResolver: pathResolver, store: objects, merger: merger,
                buildsPatch: withPatch
            ) { [lfs = environment.lfs] (file) async throws(DeployError) in
                try await lfs?.content(of: file, of: source)
            }
            let patchedFiles = try await patchBuilder.addingPatches(files)
            for file in patchedFiles { try await onDriftedFile(file) }
            logDriftCount(patchedFiles, baseline)
            guard !patchedFiles.isEmpty else { return .planned }
            let hasPatch =
                try await withPatch
                ? patchedFiles.contains(where: \.hasPatch) : patchBuilder.hasPatch(of: files)
            logPatchHint(patchedFiles, source.branch, withPatch, hasPatch)
            return .planned
        }
    }

    private func logDriftCount(_ files: [DriftedFile], _ baseline: DriftBaseline) {
        let since =
            baseline.since.map { "since \($0.id.short) (\($0.shownSubject))" } ?? "that no deploy made"
        guard !files.isEmpty else { return emit(.detail("\(target.space) has no changes \(since)")) }
        emit(.detail("\(counted(files.count, "change")) \(since)"))
    }

    private func logPatchHint(
        _ files: [DriftedFile], _ branch: String?, _ withPatch: Bool, _ hasPatch: Bool
    ) {
        guard hasPatch else {
            if withPatch { emit(.detail("these changes cannot be applied to the source as a patch")) }
            return emit(
                .detail("to see or save them, clone the Space; to keep them on the Space: keep = PATH"))
        }
        guard !withPatch else { return }
        let branchSuffix = branch.map { " (on \($0))" } ?? ""
        let applyCommand = files.contains(where: \.isChangedInSource) ? "git apply -3" : "git apply"
        let command = "spacesync drift \(target.space) --patch | \(applyCommand)"
        emit(.detail("to apply them to the source, run at its root\(branchSuffix): \(command)"))
    }

    private func loadDriftBaseline(_ head: Commit, _ source: SourceSnapshot) async throws(DeployError)
        -> DriftBaseline
    {
        guard !target.pushesHistory else { return try await loadHistoryDriftBaseline(head, source) }
        let space = SpaceHead(head: head)
        let deployBaseline = try await baselines.load(of: space)
        var composed = deployBaseline.lastDeploy?.tree ?? source.commit.tree
        do throws(DeployError) {
            // The tree that a push would send if it preserved none of the Space's edits.
            let image = try await resolveBaseImage(deployBaseline)
            composed = try await composeTree(
                source, over: space, deployBaseline, on: image, keepsEdits: false
            ).tree
        } catch {
            emit(
                .warning(
                    "a push would fail, so changes that the source already has may be listed too: \(error.message)"
                ))
        }
        var baseline = try await DriftBaseline(
            head: head, since: deployBaseline.base(for: source), composed: composed, in: objects)
        if deployBaseline.isAdoption {
            let check = AdoptionCheck(target, environment, source, head)
            baseline.findKnownPaths = { (files) async throws(DeployError) in
                try await check.findKnownPaths(files)
            }
        }
        return baseline
    }

    private func loadHistoryDriftBaseline(
        _ head: Commit, _ source: SourceSnapshot
    ) async throws(DeployError) -> DriftBaseline {
        try await environment.source?.fetchHistory(of: source.commit.id)
        let isPristine = try await baselines.isPristine(head)
        let relation = try await histories.findRelation(
            of: head, under: source.commit, isPristine: isPristine)
        var since = relation.spaceOnlyCommits.isEmpty ? head : nil
        if let base = relation.bases.first { since = try await objects.commit(base) }
        return try await DriftBaseline(head: head, since: since, composed: source.commit.tree, in: objects)
    }

    /// Returns the files that were changed on the Space, without the Space's own paths (`keep`) and
    /// without changes that the source already has. Fetches the Space's blobs in one request.
    private func driftedFiles(
        on baseline: DriftBaseline, _ merger: ThreeWayMerger, _ withPatch: Bool
    ) async throws(DeployError) -> [DriftedFile] {
        var edits: [(path: Path, edit: ThreeWayEntry)] = []
        let records = baseline.common.records
        let openEdits = try await baseline.openEdits(except: try await preservedPaths(baseline)) {
            records[$0] != nil
        }
        for (path, edit) in openEdits {
            if baseline.since != nil, try await merger.addsLargeFilesOnly(edit, at: path) { continue }
            edits.append((path, edit))
        }
        let isKnown = baseline.since != nil
        let editsToRead = edits.filter { withPatch || (isKnown && $0.edit.isChangedInSource) }
        try await space.fetchBlobs(editsToRead.compactMap { $0.edit.space?.blob })
        var files: [DriftedFile] = []
        for (path, edit) in edits {
            var file = DriftedFile(path: path, kind: edit.kind)
            file.isMerged = baseline.common.records[path] != nil
            file.isChangedInSource = isKnown && edit.isChangedInSource
            if !isKnown, edit.source != nil { file.kind = .updated }
            if path == "README.md", isKnown,
                let readme = try await merger.compareReadme(edit, on: baseline.common)
            {
                file.isChangedInSource = readme.openEdits.contains(where: \.isChangedInSource)
                if !readme.openEdits.isEmpty { files.append(file) }
                continue
            }
            if file.isChangedInSource, try await merger.outcome(of: edit, at: path) == .alreadyApplied {
                continue
            }
            files.append(file)
        }
        return files
    }

    private func preservedPaths(_ baseline: DriftBaseline) async throws(DeployError) -> [Path] {
        guard !target.keep.isEmpty else { return [] }
        var preserved = PreservedPaths(target.keep)
        for tree in [baseline.head.tree, baseline.common.tree].compactMap({ $0 }) {
            try await preserved.collect(
                try await TreeBuilder(opening: tree, in: objects), at: .root, in: objects)
        }
        return preserved.nodes.map(\.path)
    }

    /// Composes the tree that a push would send, with all of its files in the store, and passes it to
    /// `write`. Sends nothing. `options.needsAllBlobs` must be set.
    package func export(
        _ write: @Sendable (ComposedTree, SourceSnapshot) async throws(DeployError) -> Void
    ) async -> DeployResult {
        await makeResult { (result) async throws(DeployError) in
            guard let deploy = try await makePlan(PlanInputs(), &result) else { return .heldBack }
            result.commit = deploy.space.head?.id
            for finding in deploy.findings where finding.severity == .error {
                emit(.warning("a push would be refused: \(finding)"))
            }
            logGuardViolations(of: deploy)
            try await spaceBlobs.fetchMissing(of: deploy)
            emit(.step("Writing the tree"))
            try await write(deploy.draft.composition, deploy.source)
            return .planned
        }
    }
}
