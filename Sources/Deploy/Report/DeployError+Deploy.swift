import SpacesModel

/// The errors of a deploy that several of its steps throw.
extension DeployError {
    /// Returns the error for a timeout while the source and the Space are read and the deploy is
    /// planned; kind `interrupted` if the task is cancelled.
    package static func planningTimeout(_ space: SpaceID, _ limit: Duration) -> DeployError {
        guard !Task.isCancelled else { return DeployError(.interrupted, "\(space): interrupted") }
        return DeployError(
            .timedOut,
            "\(space): reading and planning took longer than \(limit.text(.minutes)); nothing was pushed",
            hint: "use --timeout to allow more time")
    }

    static let interruptedWatch = DeployError(
        .interrupted, "interrupted while watching",
        hint: "the Hub continues with the build; run spacesync watch to follow it")

    /// Returns one error for all errors that the preflight found: first files that the Hub would
    /// refuse or could not build, then credentials. `nil` if there are no errors.
    static func preflight(_ findings: [Finding], _ space: SpaceID) -> DeployError? {
        let refused = findings.filter(\.isRefused)
        let credentials = findings.filter(\.isCredential)
        let check = space.commandLine("check")
        let details = (refused + credentials).summary(upTo: 100, allBy: check)
        if !refused.isEmpty {
            return DeployError(
                .refused, "\(space): the Hub would refuse this deploy, or could not build it",
                details: details, findings: refused + credentials,
                hint: refused.allSatisfy(\.isFromHub)
                    ? "nothing was sent; fix this and push again"
                    : "nothing was sent; fix these problems; to see all findings: \(check)")
        }
        guard !credentials.isEmpty else { return nil }
        return DeployError(
            .blocked, "\(space): possible credentials would be published", details: details,
            findings: credentials,
            hint: "nothing was sent; revoke each real credential: it is already in the source's Git history")
    }

    /// Returns one error for all violations, with the command that overrides exactly these guards and
    /// those that were overridden already.
    static func blockedByGuards(_ violations: [GuardViolation], _ space: SpaceID, overridden: Set<Guard> = [])
        -> DeployError
    {
        let guards = overridden.union(violations.guards)
        let names = Guard.allCases.filter(guards.contains).map(\.rawValue).joined(separator: ",")
        let flag = violations.guards.isEmpty ? "--yes" : "--force=\(names)"
        let details = violations.dropFirst().reduce(violations.first?.details ?? []) { lines, violation in
            lines + [violation.message] + violation.details
        }
        let overrideHint =
            violations.count == 1 ? violations[0].overrideHint : GuardViolation.defaultOverrideHint
        let hints = violations.flatMap(\.hints) + ["\(overrideHint): spacesync push \(space) \(flag)"]
        return DeployError(
            .blocked,
            violations.first.map { $0.declinedMessage ?? $0.message } ?? "\(space): the push is blocked",
            details: details,
            hint: hints.joined(separator: "\n"))
    }

    /// Returns the error that refuses to widen a Space's visibility; `nil` if nothing was found.
    /// - Parameters:
    /// - space: the Space whose files were searched.
    /// - target: the Space that would show them: the same Space or its copy.
    package static func exposureError(
        _ findings: [Finding], of space: SpaceID, as target: SpaceID, to visibility: String
    ) -> DeployError? {
        guard let first = findings.first else { return nil }
        let consequence =
            visibility == "public"
            ? "its history becomes readable too" : "its app, which can serve them, becomes public"
        let shown = findings.prefix(100).map { "\($0.location): \($0.reason)" }
        let omittedCount = findings.count - shown.count
        let patterns = Set(findings.map(\.path)).sorted().prefix(5).map(\.pattern)
        let commands = patterns.map { "git config --add 'space.\(target).allowCredential' '\($0)'" }
        return DeployError(
            .blocked,
            "\(target) cannot become \(visibility): \(space) contains possible credentials, and \(consequence)",
            details: shown + (omittedCount > 0 ? ["… and \(omittedCount) more"] : []), findings: findings,
            hint: ([
                "nothing was changed. Revoke each real credential: removing \(first.path.shown) does not remove it "
                    + "from the history",
                "to publish these files anyway (--yes is not enough):",
            ] + commands).joined(separator: "\n"))
    }

    /// Returns the error with more lines of details, and with another cause if one is given.
    func addingDetails(_ lines: String, cause: Cause? = nil) -> DeployError {
        var failure = self
        failure.details += lines.split(separator: "\n").map { String($0) }
        failure.cause = cause ?? failure.cause
        return failure
    }
}

extension [Finding] {
    /// Returns the findings as `check` shows them: path and reason, then the fix on its own line. At
    /// most `limit` findings, then the number of the others.
    fileprivate func summary(upTo limit: Int, allBy check: String) -> [String] {
        let lines = prefix(limit).flatMap { ["\($0.location): \($0.reason)", "    \($0.fix)"] }
        return count > limit ? lines + ["… and \(count - limit) more; to see all: \(check)"] : lines
    }
}
