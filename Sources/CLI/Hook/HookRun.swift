import Deploy
import DeploySettings
import Git
import Reporting
import SpacesModel

/// The deploys of one push, which may be of several branches.
struct HookRun: Sendable {
    private let invocation: Invocation
    private let pushes: [PushedRef]
    private let voice: HookVoice
    /// A build is followed to its end; false where the pusher would have to wait for it.
    private let follows: Bool

    /// - Parameter story: where it is kept what came of it; nil: nowhere.
    init(_ invocation: Invocation, _ pushes: [PushedRef], keeping story: HookStory?, follows: Bool) {
        voice = HookVoice(invocation.voice, keeping: story)
        self.invocation = Invocation(
            command: invocation.command, arguments: invocation.arguments, world: invocation.world,
            voice: voice)
        (self.pushes, self.follows) = (pushes, follows)
    }

    /// Says what ends it, and throws nothing: the push that called it has been received.
    func run() async {
        var (found, said): (HookErrands, Set<Failure>) = (HookErrands(), [])
        for push in pushes {
            do throws(Failure) { try await find(push, &found) } catch {
                var failure = error
                failure.hint = error.hint ?? "nothing was deployed; mend it, then push a commit, or \(again)"
                voice.begin([HookOutcome.Entry(push, endedBy: failure)])
                // Two branches at one commit have one fault.
                if said.insert(failure).inserted { voice.fail(failure) }
            }
        }
        guard !found.isEmpty else { return voice.end() }
        found.warnings.forEach(voice.warn)
        tellUnheard(of: found)
        voice.begin(found.entries)
        await run(found)
        voice.end()
    }

    /// What deploys without a push: nothing new to push calls no hook.
    private var again: String {
        "run on the server: spacesync push --source \(ReadyLines.quoted(invocation.world.directory))"
    }

    private func find(_ push: PushedRef, _ found: inout HookErrands) async throws(Failure) {
        guard let name = push.name else { return }
        // A deleted branch has no settings of its own left: those at HEAD tell whether it was bound.
        let pushed = push.isDeletion ? nil : push.new.description
        var loader = SettingsLoader(invocation.world, invocation.arguments, pushedCommit: pushed)
        loader.isInHook = true
        let loaded = try await loader.load([])
        loaded.tell(voice)
        let head = await loaded.home?.source.headName()
        let targets = loaded.targets.filter { $0.isBound(toAnyOf: push.names, head: head) }
        let foreign = loaded.refused.filter { $0.isBound(toAnyOf: push.names, head: head) }
        guard !targets.isEmpty || !foreign.isEmpty else { return }
        guard pushed != nil else { return voice.note("-----> \(name) was deleted; no Space is touched") }
        let options = PushOptions(invocation.world.environment, allowsForce: loaded.operators.allowForce)
        guard !options.skips else {
            let spaces = (targets.map(\.space) + foreign.map(\.space)).map(\.description).joined(
                separator: ", ")
            return voice.note("-----> \(name) was pushed with spacesync.skip: nothing goes to \(spaces)")
        }
        found.warnings = options.warnings
        try await add(targets, foreign, of: push, named: name, loaded, options, to: &found)
    }

    private func add(
        _ targets: [Target], _ foreign: [RefusedTarget], of push: PushedRef, named name: String,
        _ loaded: LoadedSettings, _ options: PushOptions, to found: inout HookErrands
    ) async throws(Failure) {
        let workshop = try Workshop(invocation, loaded)
        let server = PushedLines(
            directory: invocation.world.directory, isBranch: push.isBranch,
            takesOptions: await loaded.home?.source.isSet("receive.advertisePushOptions") ?? false,
            allowsForce: loaded.operators.allowForce)
        found.errands += targets.map { target in
            var shop = workshop
            shop.lines = ReadyLines(pushed: target, as: name, to: server)
            return HookErrand(target: target, push: push, options: options, workshop: shop)
        }
        found.refused += foreign.map { HookErrands.Refusal(target: $0, push: push, workshop: workshop) }
    }

    /// What went wrong after the pusher before was free, and nobody has told anyone yet.
    private func tellUnheard(of found: HookErrands) {
        let past = HookPast(of: invocation.world.directory, invocation.world)
        for space in Set(found.errands.map(\.target.space)).sorted() {
            guard let last = past.last(of: space), last.isUnheard, !last.isGoingOn else { continue }
            voice.note(
                "note: the deploy of \(last.entry.source.prefix(7)) before this one, \(last.age): \(last.state)"
            )
            last.hear()
        }
    }

    /// Side by side; where a branch and a tag of one name go to one Space, one after the other.
    private func run(_ found: HookErrands) async {
        for refusal in found.refused.prefix(Self.refusalLimit) {
            _ = refusal.workshop.report(on: refusal.target)
        }
        if found.refused.count > Self.refusalLimit {
            voice.note(
                "… \(found.refused.count - Self.refusalLimit) more sections of .spacesync are refused; "
                    + "run `spacesync check` to list them")
        }
        for round in found.rounds {
            let isPlan = round.first?.options.plans ?? false
            voice.expect(Prospect(spaces: round.map(\.target.space), isPlan: isPlan, isInOrder: isPlan))
            let width = round.first?.workshop.loaded.operators.jobs ?? 1
            _ = await SideBySide(width: width).reports(of: round) { await deploy($0, $1) }
        }
    }

    /// Refused sections that one push reports in full.
    private static let refusalLimit = 100
    private static let longest = Duration.seconds(2 * 3600)

    private func deploy(
        _ errand: HookErrand, _ hasPushed: @escaping @Sendable () async -> Void
    ) async -> Report {
        var options = errand.workshop.options
        (options.forced, options.isPlan) = (errand.options.forced, errand.options.plans)
        options.waits = follows && errand.options.waits
        let isForced = await errand.isForced
        options.wasMovedBack = { _ in isForced }
        options.successor = { await errand.successor() }
        let settled = options
        var target = errand.target
        // A travelling file may say a month, and nobody stands by to end it.
        target.timeout = min(target.timeout, Self.longest)
        return await errand.workshop.report(on: target, hasPushed) { (bench) async throws(Failure) in
            let deployment = try await bench.deployment(settled)
            return settled.isPlan ? await deployment.plan() : await deployment.deploy()
        }
    }
}
