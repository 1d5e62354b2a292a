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
        let pushes = HookInput.read()
        var said: Set<Failure> = []
        for push in pushes { await HookRun(invocation, push).run(&said) }
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

/// One pushed ref's deploys.
struct HookRun: Sendable {
    let invocation: Invocation
    let push: PushedRef

    init(_ invocation: Invocation, _ push: PushedRef) { (self.invocation, self.push) = (invocation, push) }

    private var voice: any Voice { invocation.voice }

    /// Says what ends it, and throws nothing: the push that called it has been received.
    /// - Parameter said: what ended others of the same push: two branches at one commit have one fault.
    func run(_ said: inout Set<Failure>) async {
        guard let name = push.name else { return }
        do throws(Failure) { try await deploy(name) } catch {
            var failure = error
            failure.hint = error.hint ?? "nothing was deployed; mend it, then push a commit, or \(again)"
            if said.insert(failure).inserted { voice.fail(failure) }
        }
    }

    /// What deploys without a push: nothing new to push calls no hook.
    private var again: String {
        "run on the server: spacesync push --source \(ReadyLines.quoted(invocation.world.directory))"
    }

    private func deploy(_ name: String) async throws(Failure) {
        // A deleted branch has no settings of its own left: those at HEAD tell whether it was bound.
        let pushed = push.new.isZero ? nil : push.new.description
        let loader = SettingsLoader(invocation.world, invocation.arguments, pushedCommit: pushed)
        let loaded = try await loader.load([])
        loaded.tell(voice)
        let head = (try? await loaded.home?.source.snapshot(of: nil))?.branch
        let targets = loaded.targets.filter { isBound($0, to: name, head: head) }
        let refused = loaded.refused.filter { $0.isBound(to: name, head: head) }
        guard !targets.isEmpty || !refused.isEmpty else { return }
        guard pushed != nil else { return voice.note("-----> \(name) was deleted; no Space is touched") }
        let workshop = try Workshop(invocation, loaded)
        for target in targets {
            var shop = workshop
            shop.lines = ReadyLines(pushed: target, as: name)
            await deploy(target, in: shop)
        }
        for space in refused { _ = workshop.report(on: space) }
    }

    /// Bound: its source is this repository, and its branch is the one that was pushed (HEAD's when it names none).
    private func isBound(_ target: Target, to name: String, head: String?) -> Bool {
        target.source == nil && !target.manual && (target.revision ?? head) == name
    }

    private func deploy(_ target: Target, in workshop: Workshop) async {
        var target = target
        target.timeout = min(target.timeout, workshop.loaded.operators.hookWait)
        let bounded = target
        var options = workshop.options
        options.waits = bounded.timeout > .zero
        let settled = options
        _ = await workshop.report(on: bounded) { (bench) async throws(Failure) in
            let report = await (try await bench.deployment(settled)).deploy()
            return released(report)
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
