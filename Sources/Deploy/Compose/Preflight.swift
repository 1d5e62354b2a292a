import SpacesModel

extension DeployError {
    /// What the preflight found wrong, all at once: what the Hub would refuse, or could not build, before credentials.
    /// nil when there are no errors.
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
    /// Stops a deploy by a guard of ours.
    package var isCredential: Bool { severity == .error && rule == .credential }
    /// The Hub would refuse it, or could not build or start it.
    package var isRefused: Bool { severity == .error && rule != .credential }
}

extension [Finding] {
    /// As `check` shows them: what and where, and below it what to do. At most so many, then how many more there are.
    fileprivate func summary(upTo limit: Int, allBy check: String) -> [String] {
        let lines = prefix(limit).flatMap { ["\($0.location): \($0.reason)", "    \($0.fix)"] }
        return count > limit ? lines + ["… and \(count - limit) more, shown by \(check)"] : lines
    }
}

extension [Finding] {
    /// Warnings as they are said in a story: at most so many, then their count.
    func warnings(of space: SpaceID, limit: Int = 20) -> [Event] {
        let warnings = filter { $0.severity == .warning }.map { Event.warning($0.description, $0) }
        let rest = warnings.count - limit
        guard rest > 0 else { return warnings }
        return warnings.prefix(limit) + [.warning("… and \(rest) more, shown by spacesync check \(space)")]
    }

    /// The gravest error's kind, by the order of the exit codes; nil when there are only warnings.
    var mostSevereKind: DeployError.Kind? {
        if contains(where: \.isRefused) { return .refused }
        return contains(where: \.isCredential) ? .blocked : nil
    }
}
