import DeploySettings
import DockerfileTemplates
import SpacesModel
import TextTools

/// Checks of a target's tree without a Hub, as for an empty Space (`check`, `init`).
extension Deployer {
    /// Reports each finding: files that the Hub would refuse or fail to build or start, and files that
    /// should not be published. Never throws: the result has the most severe kind, or the error that
    /// prevented the composition.
    package func check() async -> DeployResult {
        let result = await withTimeLimit(target.timeout, clock) {
            await makeResult { (result) async throws(DeployError) in
                let source = try await readSource(&result)
                let findings = try await findings(in: source)
                findings.forEach { emit(.finding($0)) }
                if let kind = findings.mostSevereKind {
                    throw DeployError(kind, "\(target.space): \(findings.counts)")
                }
                emit(.detail(findings.isEmpty ? "no problems found" : findings.counts))
                return .planned
            }
        }
        return result ?? DeployResult(target.space, failure: .planningTimeout(target.space, target.timeout))
    }

    /// Returns the plan of a first push, to verify that the settings that `init` writes work.
    /// - Throws: kind `refused` if no such Space could start. Other files that the Hub would refuse are
    ///   found by a deploy.
    package func planForEmptySpace() async throws(DeployError) -> Plan {
        // Files of the working tree that `add` names may be built later.
        var target = target
        target.adds = []
        let deployer = Deployer(target, environment, options)
        var result = DeployResult(target.space, .planned)
        let draft = try await deployer.composeTree(try await deployer.readSource(&result))
        let relevant = draft.composition.findings.filter {
            [.dockerfileMissing, .appFile, .card].contains($0.rule)
        }
        if var error = DeployError.preflight(relevant, target.space) {
            error.message = "\(target.space): the Hub could not build or show it with these settings"
            error.hint = "nothing was written; fix this; to see all findings: spacesync check \(target.space)"
            throw error
        }
        return draft.plan
    }

    private func findings(in source: SourceSnapshot) async throws(DeployError) -> [Finding] {
        let draft =
            target.pushesHistory
            ? try await histories.plan(source, over: .missing) : try await composeTree(source)
        let missing = try await missingLFSObjects(among: draft.composition.lfsFiles, of: source)
        logComposition(draft)
        return (draft.composition.findings + missing).sortedUnique.map(\.asUnverifiedWarning)
    }

    /// Returns findings for missing LFS objects. Objects that are not on this machine are looked up
    /// at the source's server; if it is unreachable, a warning is reported instead.
    private func missingLFSObjects(among files: [LFSFile], of source: SourceSnapshot)
        async throws(DeployError) -> [Finding]
    {
        do throws(DeployError) {
            let missing = try await environment.lfs?.missingObjects(among: files, of: source) ?? []
            return missing.map { $0.finding(isComposed: !target.pushesHistory) }
        } catch {
            guard error.kind == .tryLater else { throw error }
            emit(.warning("cannot check whether all LFS files of the source are available: \(error.message)"))
            return []
        }
    }
}

extension Finding {
    /// The finding as a warning if it is about an LFS pointer: without a Hub it is unknown whether
    /// the Space already has the object.
    fileprivate var asUnverifiedWarning: Finding {
        guard rule == .lfsPointer else { return self }
        var finding = self
        finding.severity = .warning
        finding.reason += "; the Hub refuses it unless the Space already has it"
        return finding
    }

    /// Whether the finding is a possible credential, which a guard of spacesync blocks.
    package var isCredential: Bool { severity == .error && rule == .credential }
    /// Whether the Hub would refuse the file, or could not build or start it.
    package var isRefused: Bool { severity == .error && rule != .credential }
}

extension [Finding] {
    /// The numbers of errors and warnings: `2 errors and 1 warning`.
    fileprivate var counts: String {
        let errors = count { $0.severity == .error }
        let parts = [(errors, "error"), (count - errors, "warning")].filter { $0.0 > 0 }
        return parts.map { counted($0.0, $0.1) }.joined(separator: " and ")
    }

    /// Returns the warnings as events: at most `limit`, then one event with the number of the others.
    func warnings(of space: SpaceID, limit: Int = 20) -> [Event] {
        let warnings = filter { $0.severity == .warning }.map { Event.warning($0.description, $0) }
        let omitted = warnings.count - limit
        guard omitted > 0 else { return warnings }
        return warnings.prefix(limit) + [
            .warning("… and \(omitted) more; to see all: spacesync check \(space)")
        ]
    }

    /// The kind of the most severe error; `nil` if there are only warnings.
    var mostSevereKind: DeployError.Kind? {
        DeployError.Kind.mostSevere(
            of: filter { $0.severity == .error }.map { $0.isCredential ? .blocked : .refused })
    }
}
