/// A Space that spacesync never deployed to: its files that the source does not have are not replaced or removed before
/// somebody agrees.
extension Reconciler {
    /// What refuses the first deploy to a Space with files of its own; `nil` if there are none, or `drift` says to
    /// overwrite them.
    func adoption(of space: SpaceID) -> Objection? {
        guard isFirstContact, mode != "overwrite", !undone.isEmpty else { return nil }
        let removed = undone.filter { $0.isRemovedByDeploy }
        let replaced = undone.count - removed.count
        let counts = [
            replaced == 0 ? nil : "replace \(replaced)", removed.isEmpty ? nil : "remove \(removed.count)",
        ].compactMap { $0 }.joined(separator: " and ")
        let files = undone.count == 1 ? "1 file" : "\(undone.count) files"
        let since = base.map { " since \($0.id.short) (\($0.shownSubject))" } ?? ""
        return Objection(
            guardName: .adopt,
            message:
                "\(space) was not deployed by spacesync before and holds \(files)\(since) that the source "
                + "does not have; this deploy would \(counts)",
            details: Self.lines(of: undone),
            hints: [
                "to look at them: spacesync drift \(space)",
                "to leave them to the Space: keep = PATH",
            ],
            passing: "to adopt the Space and lose them (--adopt is the same)",
            question: "Adopt \(space) and \(counts) of its files?")
    }

    private static func lines(of edits: [SpaceEdit]) -> [String] {
        let shown = edits.prefix(20).map { edit in
            edit.isRemovedByDeploy ? "- \(edit.path.shown)  removed" : "~ \(edit.path.shown)  replaced"
        }
        return shown + (edits.count > shown.count ? ["… and \(edits.count - shown.count) more"] : [])
    }
}
