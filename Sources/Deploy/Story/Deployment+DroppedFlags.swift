/// Flags that shaped the last deploy and are not given any more: what they selected would go without a word.
extension Deployment {
    /// Flags of the last deploy that are set nowhere now. What another Space runs is shaped by none.
    func droppedFlags(_ past: SpacePast, _ snapshot: Snapshot) -> DroppedFlags {
        snapshot.promotion == nil ? DroppedFlags(target, since: past.lastDeploy) : DroppedFlags()
    }

    /// Says of files that go because of such a flag which one it is. What somebody changed on the Space has its own
    /// reasons.
    func explain(
        _ flags: DroppedFlags, in plan: inout Plan, _ snapshot: Snapshot, _ reconciler: Reconciler<Store>?
    ) async throws(Failure) {
        guard !flags.isEmpty, let reconciler, let last = reconciler.base else { return }
        let edited = Set(reconciler.edits.map(\.path))
        let gone = plan.changes.indices.filter { index in
            let change = plan.changes[index]
            return change.kind == .removed && change.movedTo == nil && !edited.contains(change.path)
        }
        guard !gone.isEmpty else { return }
        let there = TreeReader(reconciler.head.tree, in: store)
        let reasons = try await RemovalReasons(flags, target, snapshot, since: last, in: store)
        for index in gone {
            let path = plan.changes[index].path
            guard let file = try await there.node(at: path)?.file,
                let reason = try await reasons.reason(for: path, file)
            else { continue }
            plan.changes[index].why = reason
        }
    }

    /// Warns of flags that went away, if files change.
    func warnOfDroppedFlags(_ prepared: Prepared) {
        let flags = prepared.droppedFlags
        guard !flags.isEmpty, !prepared.composition.plan.isEmpty, let last = prepared.lastDeploy else {
            return
        }
        say(
            .warning(
                "the last deploy (\(last.id.short)) was shaped by flags that are set nowhere now: \(flags.names)"
            ))
        flags.hints(for: target).forEach { say(.detail($0)) }
    }

    /// Asks the person at the terminal whether to deploy without them.
    /// - Throws: kind `guarded` if the answer is no.
    func confirmDroppedFlags(_ prepared: Prepared) async throws(Failure) {
        let flags = prepared.droppedFlags
        guard !flags.isEmpty, await options.confirm("Deploy \(target.space) without \(flags.names)?") == false
        else { return }
        throw Failure(
            .guarded,
            "\(target.space): a deploy without \(flags.names) requires confirmation; nothing was changed",
            hint: (flags.hints(for: target)
                + ["to deploy without them: spacesync push \(target.space) --yes"]).joined(separator: "\n"))
    }
}
