extension Deployment {
    /// What the Space was before; nil when it cannot be told (it is not there yet, the API is down).
    func info() async -> SpaceInfo? {
        do { return try await builds.info() } catch { return nil }
    }

    func appURL(_ before: SpaceInfo?) async throws(Failure) -> String? {
        if let url = before?.appURL { return url }
        return await info()?.appURL
    }

    /// The push went through: follow the build, unless nobody waits.
    func settlePushed(_ prepared: Prepared, _ before: SpaceInfo?, _ report: inout Report) async throws(Failure) {
        guard let commit = prepared.commit else { return }
        report.outcome = .pushed
        report.hint = "spacesync watch \(target.space)"
        if target.rebuild { _ = try await builds.restart(factory: true) }
        guard options.waits, target.spaceBranch == "main" else { return }
    }

    /// The Space holds this tree already: unchanged only where it also runs, or will run, it (design 4.5).
    func settleUnchanged(_ prepared: Prepared, _ report: inout Report) async throws(Failure) {
        report.outcome = .unchanged
    }
}
