import Deploy
import DeploySettings
import Essentials
import HTTP
import SpacesModel

/// What all targets of a pass have in common: its one deadline, what the account has left, what passes remember.
struct MirrorRound: Sendable {
    private let workshop: Workshop
    private let memory: MirrorMemory
    private let voice: MirrorVoice
    private let options: DeployOptions
    private let deadline: ContinuousClock.Instant
    private let oldest: Int64?
    private let budget: RequestBudget?
    private let link: PassLink

    /// - Parameters:
    ///   - limit: for the whole pass.
    ///   - oldest: what was committed before is of no interest; seconds since 1970.
    init(
        _ workshop: Workshop, _ memory: MirrorMemory, _ voice: MirrorVoice, _ options: DeployOptions,
        within limit: Duration, since oldest: Int64?, _ link: PassLink
    ) {
        self.link = link
        let deadline = ContinuousClock.now + limit
        var workshop = workshop
        workshop.patience = { max(.zero, min(.seconds(300), ContinuousClock.now.duration(to: deadline))) }
        (self.workshop, self.memory, self.voice, self.oldest) = (workshop, memory, voice, oldest)
        (self.options, self.deadline) = (options, deadline)
        // Whoever begins later than this has no time left to see a build through.
        budget = Origin(workshop.endpoint.url).map {
            RequestBudget(
                allowance: workshop.allowance, origin: $0, jobs: workshop.loaded.operators.jobs,
                latest: deadline - limit / 2)
        }
    }

    /// In the order of the targets; those that passes before left over are begun first.
    func reports(on targets: [Target]) async -> [Report] {
        let reports = await workshop.reports(on: memory.inTurn(targets)) {
            (target, bench) async throws(Failure) in
            link.send(PassMessage(began: target.space.description))
            defer { link.send(PassMessage(ended: target.space.description)) }
            return try await report(on: target, bench)
        }
        let places = Dictionary(targets.enumerated().map { ($1.space, $0) }) { first, _ in first }
        return reports.sorted { places[$0.space] ?? 0 < places[$1.space] ?? 0 }
    }

    private func report(on target: Target, _ bench: Bench) async throws(Failure) -> Report {
        let secret = ((try? workshop.accounts.own(target.space)) ?? (try? workshop.accounts.general()))?
            .secret
        try await budget?.admit(target.space, secret) { wait, left in
            voice.note(
                "\(target.space) waits \(wait.words): \(workshop.endpoint.host) takes \(left) more requests until then"
            )
        }
        if let oldest,
            try await bench.source().snapshot(of: target.revision).commit.committed ?? .max < oldest
        {
            return Report(target.space, .unchanged)
        }
        let options = options(for: target, secret)
        let left = max(.seconds(1), ContinuousClock.now.duration(to: deadline))
        let report = await (try await bench.deployment(options, within: left)).deploy()
        memory.note(report, target, comparedState: options.comparesState)
        return report
    }

    private func options(for target: Target, _ secret: Secret?) -> DeployOptions {
        var options = options
        options.finishesPush = true
        options.comparesState = memory.isDue(target, every: workshop.loaded.operators.reconcile)
        options.probesUnchanged = !memory.wasGood(target.space)
        let deployed = memory.standings[target.space.description]?.deployed
        // The branch was there in an earlier pass, so it was moved since.
        options.wasMovedBack = { $0.description == deployed }
        options.wouldCommit = { [memory, budget, space = target.space] () throws(Failure) in
            try budget?.admitPush(space, secret)
            try memory.checkCommit(to: space)
        }
        options.mayCommit = { [memory, budget, space = target.space] () throws(Failure) in
            try budget?.admitPush(space, secret)
            try memory.countCommit(to: space)
        }
        return options
    }
}
