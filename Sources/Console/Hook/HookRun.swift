import Deploy
import Foundation

extension Command {
    static let hook = Command(
        name: "hook", synopsis: "run",
        summary: "what hooks/post-receive calls: deploys the targets bound to the pushed branches",
        details: """
            Reads `OLD NEW REF` lines from standard input, in a bare repository. Never fails the push:
            it exits 0 whatever the deploys come to, and says it in lines that the pusher sees.
            """,
        flags: [.config, .tokenFile]
    ) { (invocation) async throws(Failure) in
        guard invocation.arguments.words == ["run"] else {
            throw Failure(.usage, "hook takes one word: run", hint: "see hooks/post-receive")
        }
        await HookRun(invocation, HookInput.read()).run()
        return 0
    }
}

/// One line that Git gives to `post-receive` (`git help hooks`).
struct PushedRef: Hashable, Sendable {
    let old: ObjectID
    let new: ObjectID
    let ref: String

    init?(_ line: String) {
        let words = line.split(separator: " ", maxSplits: 2).map { String($0) }
        guard words.count == 3, let old = ObjectID(words[0]), let new = ObjectID(words[1]) else { return nil }
        (self.old, self.new, ref) = (old, new, words[2])
    }

    /// `refs/heads/x` and `refs/tags/x` → `x`; nil for other refs.
    var name: String? {
        for prefix in ["refs/heads/", "refs/tags/"] where ref.hasPrefix(prefix) {
            return String(ref.dropFirst(prefix.count))
        }
        return nil
    }
}

enum HookInput {
    /// All of standard input, which Git closes behind the last ref.
    static func read() -> [PushedRef] {
        var pushes: [PushedRef] = []
        while let line = readLine() { pushes += [PushedRef(line)].compactMap { $0 } }
        return pushes
    }
}

/// The deploys of one push, which may be of several branches.
struct HookRun: Sendable {
    let invocation: Invocation
    private let pushes: [PushedRef]

    init(_ invocation: Invocation, _ pushes: [PushedRef]) {
        (self.invocation, self.pushes) = (invocation, pushes)
    }

    private var voice: any Voice { invocation.voice }

    /// Says what ends it, and throws nothing: the push that called it has been received.
    func run() async {
        var (errands, refused, said): ([Errand], [Refusal], Set<Failure>) = ([], [], [])
        for push in pushes {
            do throws(Failure) { try await find(push, &errands, &refused) } catch {
                var failure = error
                failure.hint = error.hint ?? "nothing was deployed; mend it, then push a commit, or \(again)"
                // Two branches at one commit have one fault.
                if said.insert(failure).inserted { voice.fail(failure) }
            }
        }
        await run(errands, refused)
    }

    /// What deploys without a push: nothing new to push calls no hook.
    private var again: String {
        "run on the server: spacesync push --source \(ReadyLines.quoted(invocation.world.directory))"
    }

    /// A target that a pushed branch goes to.
    private struct Errand: Sendable {
        var target: Target
        var workshop: Workshop
    }

    private struct Refusal: Sendable {
        var target: RefusedTarget
        var workshop: Workshop
    }

    private func find(
        _ push: PushedRef, _ errands: inout [Errand], _ refused: inout [Refusal]
    ) async throws(Failure) {
        guard let name = push.name else { return }
        // A deleted branch has no settings of its own left: those at HEAD tell whether it was bound.
        let pushed = push.new.isZero ? nil : push.new.description
        let loader = SettingsLoader(invocation.world, invocation.arguments, pushedCommit: pushed)
        let loaded = try await loader.load([])
        loaded.tell(voice)
        let head = (try? await loaded.home?.source.snapshot(of: nil))?.branch
        let targets = loaded.targets.filter { isBound($0, to: name, head: head) }
        let foreign = loaded.refused.filter { $0.isBound(to: name, head: head) }
        guard !targets.isEmpty || !foreign.isEmpty else { return }
        guard pushed != nil else { return voice.note("-----> \(name) was deleted; no Space is touched") }
        let workshop = try Workshop(invocation, loaded)
        errands += targets.map { target in
            var shop = workshop
            shop.lines = ReadyLines(pushed: target, as: name)
            return Errand(target: target, workshop: shop)
        }
        refused += foreign.map { Refusal(target: $0, workshop: workshop) }
    }

    /// Bound: its source is this repository, and its branch is the one that was pushed (HEAD's when it names none).
    private func isBound(_ target: Target, to name: String, head: String?) -> Bool {
        target.source == nil && !target.manual && (target.revision ?? head) == name
    }

    /// Side by side; where a branch and a tag of one name go to one Space, one after the other.
    private func run(_ errands: [Errand], _ refused: [Refusal]) async {
        let start = ContinuousClock.now
        var (rest, refused) = (errands, refused)
        while !rest.isEmpty || !refused.isEmpty {
            var spaces: Set<SpaceID> = []
            var (round, later): ([Errand], [Errand]) = ([], [])
            for errand in rest {
                if spaces.insert(errand.target.space).inserted {
                    round.append(errand)
                } else {
                    later.append(errand)
                }
            }
            voice.expect(Prospect(spaces: round.map(\.target.space) + refused.map(\.target.space)))
            let width = round.first?.workshop.loaded.operators.jobs ?? 1
            _ = await SideBySide(width: width).reports(of: round) { await deploy($0, since: start) }
            for refusal in refused { _ = refusal.workshop.report(on: refusal.target) }
            (rest, refused) = (later, [])
        }
    }

    private func deploy(_ errand: Errand, since start: ContinuousClock.Instant) async -> Report {
        let workshop = errand.workshop
        var target = errand.target
        // One limit for all: the pusher waits for the last of them.
        let left = workshop.loaded.operators.hookWait - start.duration(to: .now)
        target.timeout = min(target.timeout, max(.zero, left))
        var options = workshop.options
        options.waits = target.timeout > .zero
        let settled = options
        return await workshop.report(on: target) { (bench) async throws(Failure) in
            released(await (try await bench.deployment(settled)).deploy())
        }
    }

    /// The pusher waits no longer than `hookWait`; the build goes on without anyone watching.
    private func released(_ report: Report) -> Report {
        guard report.outcome == .timedOut, report.commit != nil else { return report }
        var report = report
        (report.outcome, report.failure) = (.pushed, nil)
        report.hint = "spacesync watch \(report.space)"
        return report
    }
}
