import Deploy
import DeploySettings
import Documentation
import Essentials
import Reporting
import SpacesModel

extension Command {
    static let doctor = Command(
        .doctor, flags: Flag.target
    ) { (invocation) async throws(DeployError) in
        try await DoctorRun(invocation).run()
    }
}

/// One examination.
private struct DoctorRun: Sendable {
    let invocation: Invocation

    init(_ invocation: Invocation) { self.invocation = invocation }

    func run() async throws(DeployError) -> Int {
        let words = invocation.arguments.positionals
        let loaded = try await SettingsLoader(invocation.environment, invocation.arguments).load(words)
        loaded.logWarnings(invocation.reporter)
        let workshop = try RunContext(invocation, loaded)
        var all: [DoctorCheck] = []
        func tell(_ checkups: [DoctorCheck]) {
            checkups.forEach { write($0.redacted) }
            all += checkups
        }
        tell(await MachineChecks(workshop).all())
        let hubAnswers = !all.contains { $0.name == "hub" && $0.status != .good }
        tell(await AccountChecks(workshop).all(isHubReachable: hubAnswers))
        for file in workshop.accounts.tokenFiles {
            workshop.tokenFiles.check(file.path, named: file.name)
        }
        tell(workshop.tokenFiles.drainOpenFiles().map(DoctorCheck.init))
        let refused = loaded.selected.refused.map { DoctorCheck("settings", of: $0.space, $0.failure) }
        let targets = words.isEmpty ? loaded.targets : loaded.selected.targets
        tell(refused)
        for target in targets {
            guard !Task.isCancelled else { throw DeployError(.interrupted, "interrupted") }
            tell(await TargetChecks(target, workshop).all(isHubReachable: hubAnswers))
            tell(workshop.tokenFiles.drainOpenFiles().map(DoctorCheck.init))
        }
        if targets.isEmpty, refused.isEmpty {
            tell([
                DoctorCheck(
                    "settings", .good, "no settings name a Space here",
                    fix: "to look at one: spacesync doctor owner/name --branch BRANCH")
            ])
        }
        return DeployResult.mostSevere(of: all.map(\.status.exitCode))
    }

    private func write(_ checkup: DoctorCheck) {
        let (out, arguments) = (invocation.environment.out, invocation.arguments)
        if arguments.has(.json) {
            return out.write(OrderedJSON.object(fields(of: checkup)).description + "\n")
        }
        guard !arguments.has(.quiet) || checkup.status != .good else { return }
        let isColored =
            out.isTerminal && invocation.environment["NO_COLOR"] == nil && !arguments.has(.noColor)
        CheckupText(checkup, Style(isOn: isColored)).lines.forEach { out.write($0 + "\n") }
    }

    private func fields(of checkup: DoctorCheck) -> [(String, OrderedJSON)] {
        [
            ("event", .string("check")), ("time", .string(Date().formatted(.iso8601))),
            ("space", .optional(checkup.space)), ("check", .string(checkup.name)),
            ("verdict", .string(checkup.status.name)), ("exit", .int(checkup.status.exitCode)),
            ("message", .string(([checkup.text] + checkup.details).joined(separator: "\n"))),
            ("mend", .optional(checkup.fix)),
        ]
    }
}

/// A checkup as lines: the verdict first, below it the other side's words and what to do.
private struct CheckupText {
    let lines: [String]

    init(_ checkup: DoctorCheck, _ style: Style) {
        let word = checkup.status.name
        let sign =
            switch checkup.status {
            case .good: style.green(word)
            case .warning: style.yellow(word)
            case .bad: style.red(word)
            }
        let blanks = String(repeating: " ", count: 9 - word.count)
        let subject = checkup.space.map { "\($0) " } ?? ""
        let below = String(repeating: " ", count: 9)
        let mend = (checkup.fix ?? "").split(separator: "\n").map {
            below + style.bold("do: ") + String($0).visible
        }
        lines =
            ["\(sign)\(blanks)\(subject)\(checkup.name): \(checkup.text.visible)"]
            + checkup.details.map { below + $0.visible } + mend
    }
}
