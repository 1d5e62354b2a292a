import SpacesModel

extension DeployError {
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
                    ? "nothing was sent; mend this and push again"
                    : "nothing was sent; mend these, and see all, warnings too: \(check)")
        }
        guard !credentials.isEmpty else { return nil }
        return DeployError(
            .blocked, "\(space): what looks like a credential would be published", details: details,
            findings: credentials,
            hint: "nothing was sent; in Git's history it is no secret any more: revoke what is real")
    }
}

extension Finding {
    /// Whether the finding is a possible credential, which a guard of spacesync blocks.
    package var isCredential: Bool { severity == .error && rule == .credential }
    /// Whether the Hub would refuse the file, or could not build or start it.
    package var isRefused: Bool { severity == .error && rule != .credential }
}

extension [Finding] {
    /// Returns the findings as `check` shows them: path and reason, then the fix on its own line. At
    /// most `limit` findings, then the number of the others.
    fileprivate func summary(upTo limit: Int, allBy check: String) -> [String] {
        let lines = prefix(limit).flatMap { ["\($0.location): \($0.reason)", "    \($0.fix)"] }
        return count > limit ? lines + ["… and \(count - limit) more, shown by \(check)"] : lines
    }
}

extension [Finding] {
    /// Returns the warnings as events: at most `limit`, then one event with the number of the others.
    func warnings(of space: SpaceID, limit: Int = 20) -> [Event] {
        let warnings = filter { $0.severity == .warning }.map { Event.warning($0.description, $0) }
        let omitted = warnings.count - limit
        guard omitted > 0 else { return warnings }
        return warnings.prefix(limit) + [.warning("… and \(omitted) more, shown by spacesync check \(space)")]
    }

    /// The kind of the most severe error, in the order of the exit codes; `nil` if there are only
    /// warnings.
    var mostSevereKind: DeployError.Kind? {
        if contains(where: \.isRefused) { return .refused }
        return contains(where: \.isCredential) ? .blocked : nil
    }
}
