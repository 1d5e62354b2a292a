import Deploy
import DeploySettings
import Essentials
import Reporting
import SpacesModel

extension Command {
    static let doctor = Command(
        name: "doctor", synopsis: "[SPACE…]",
        summary: "tokens, rights, plan, reachability, versions: each line says good, or what to do",
        details: """
            Looks at this machine, the Hub, every token in reach, and the named Spaces (without names: all of the
            settings). Changes nothing. Exits with the code of the gravest line; warnings are none.
            """,
        flags: Flag.target
    ) { (invocation) async throws(Failure) in
        try await DoctorRun(invocation).run()
    }
}

/// One examination.
private struct DoctorRun: Sendable {
    let invocation: Invocation

    init(_ invocation: Invocation) { self.invocation = invocation }

    func run() async throws(Failure) -> Int {
        let words = invocation.arguments.words
        let loaded = try await SettingsLoader(invocation.world, invocation.arguments).load(words)
        loaded.tell(invocation.voice)
        let workshop = try Workshop(invocation, loaded)
        var all: [Checkup] = []
        func tell(_ checkups: [Checkup]) {
            checkups.forEach { write($0.redacted) }
            all += checkups
        }
        tell(await MachineChecks(workshop).all())
        let hubAnswers = !all.contains { $0.name == "hub" && $0.verdict != .good }
        tell(await AccountChecks(workshop).all(hubAnswers: hubAnswers))
        for file in workshop.accounts.tokenFiles {
            workshop.tokenFiles.check(file.path, named: file.name)
        }
        tell(workshop.tokenFiles.takeOpenFiles().map(Checkup.init))
        let refused = loaded.chosen.refused.map { Checkup("settings", of: $0.space, $0.failure) }
        let targets = words.isEmpty ? loaded.targets : loaded.chosen.targets
        tell(refused)
        for target in targets {
            guard !Task.isCancelled else { throw Failure(.interrupted, "interrupted") }
            tell(await TargetChecks(target, workshop).all(hubAnswers: hubAnswers))
            tell(workshop.tokenFiles.takeOpenFiles().map(Checkup.init))
        }
        if targets.isEmpty, refused.isEmpty {
            tell([
                Checkup(
                    "settings", .good, "no settings name a Space here",
                    mend: "to look at one: spacesync doctor owner/name --branch BRANCH")
            ])
        }
        return Report.gravest(of: all.map(\.verdict.exitCode))
    }

    private func write(_ checkup: Checkup) {
        let (out, arguments) = (invocation.world.out, invocation.arguments)
        if arguments.has(.json) {
            return out.write(OrderedJSON.object(fields(of: checkup)).description + "\n")
        }
        guard !arguments.has(.quiet) || checkup.verdict != .good else { return }
        let isColored = out.isTerminal && invocation.world["NO_COLOR"] == nil && !arguments.has(.noColor)
        CheckupText(checkup, Style(isOn: isColored)).lines.forEach { out.write($0 + "\n") }
    }

    private func fields(of checkup: Checkup) -> [(String, OrderedJSON)] {
        [
            ("event", .string("check")), ("time", .string(Date().formatted(.iso8601))),
            ("space", .optional(checkup.space)), ("check", .string(checkup.name)),
            ("verdict", .string(checkup.verdict.name)), ("exit", .int(checkup.verdict.exitCode)),
            ("message", .string(([checkup.text] + checkup.details).joined(separator: "\n"))),
            ("mend", .optional(checkup.mend)),
        ]
    }
}

/// A checkup as lines: the verdict first, below it the other side's words and what to do.
private struct CheckupText {
    let lines: [String]

    init(_ checkup: Checkup, _ style: Style) {
        let word = checkup.verdict.name
        let sign =
            switch checkup.verdict {
            case .good: style.green(word)
            case .warning: style.yellow(word)
            case .bad: style.red(word)
            }
        let blanks = String(repeating: " ", count: 9 - word.count)
        let subject = checkup.space.map { "\($0) " } ?? ""
        let below = String(repeating: " ", count: 9)
        let mend = (checkup.mend ?? "").split(separator: "\n").map {
            below + style.bold("do: ") + String($0).visible
        }
        lines =
            ["\(sign)\(blanks)\(subject)\(checkup.name): \(checkup.text.visible)"]
            + checkup.details.map { below + $0.visible } + mend
    }
}
