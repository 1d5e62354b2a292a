import Deploy
import DeploySettings
import Documentation
import Essentials
import Reporting
import SpacesModel
import TextTools

/// The command `doctor`: checks this machine, the Hub, the tokens and the targets.
struct DoctorCommand: Sendable {
    static let command = Command(
        .doctor, flags: Flag.target
    ) { (invocation) async throws(DeployError) in
        try await DoctorCommand(invocation: invocation).run()
    }

    let invocation: Invocation

    func run() async throws(DeployError) -> Int {
        let positionals = invocation.arguments.positionals
        let loaded = try await invocation.loadSettings(positionals)
        let context = try RunContext(invocation, loaded)
        // On a terminal, the problems are shown first, so all checks are awaited.
        let live =
            isScreen
            ? LiveLine(on: invocation.environment.err, sharing: [invocation.environment.out], style: style)
            : nil
        defer { live?.end() }
        live?.show { _ in "checking …" }
        var checks: [DoctorCheck] = []
        func report(_ newChecks: [DoctorCheck]) {
            if live == nil { newChecks.forEach { write($0.redacted) } }
            checks += newChecks
        }
        report(await MachineChecks(context).all())
        let isHubReachable = !checks.contains { $0.name == "hub" && $0.status != .good }
        report(await AccountChecks(context).all(isHubReachable: isHubReachable))
        for file in context.accounts.tokenFiles {
            context.tokenFiles.check(file.path, named: file.name)
        }
        report(context.tokenFiles.drainOpenFiles().map(DoctorCheck.init))
        let refused = loaded.settings.selected.refused.map {
            DoctorCheck("settings", of: $0.space, $0.failure)
        }
        let targets = positionals.isEmpty ? loaded.targets : loaded.settings.selected.targets
        report(refused)
        for target in targets {
            guard !Task.isCancelled else { throw DeployError(.interrupted, "interrupted") }
            report(await TargetChecks(target, context).all(isHubReachable: isHubReachable))
            report(context.tokenFiles.drainOpenFiles().map(DoctorCheck.init))
        }
        if targets.isEmpty, refused.isEmpty {
            report([
                DoctorCheck(
                    "settings", .good, "no Space is configured here",
                    fix: "to check one: spacesync doctor owner/name --branch BRANCH")
            ])
        }
        if live != nil { writeSorted(checks) }
        return DeployError.Kind.mostSevere(of: checks.map(\.status.exitCode))
    }

    /// Whether the result is for a person at a terminal.
    private var isScreen: Bool {
        let environment = invocation.environment
        return environment.out.isTerminal && environment.err.isTerminal && environment["TERM"] != "dumb"
            && !invocation.arguments.has(.json) && !invocation.arguments.has(.quiet)
    }

    private var style: Style {
        let (environment, arguments) = (invocation.environment, invocation.arguments)
        let isPlain =
            environment["NO_COLOR"] != nil || environment["TERM"] == "dumb" || arguments.has(.noColor)
        return Style(isOn: environment.out.isTerminal && !isPlain)
    }

    /// Writes the problems first, then the warnings, then what is good, and a summary.
    private func writeSorted(_ checks: [DoctorCheck]) {
        for name in ["bad", "warning", "good"] {
            checks.filter { $0.status.name == name }.forEach { write($0.redacted) }
        }
        let counts = ["bad", "warning"].compactMap { name -> String? in
            let count = checks.count { $0.status.name == name }
            let noun = name == "bad" ? "problem" : "warning"
            return count == 0 ? nil : counted(count, noun)
        }
        invocation.reporter.send(.info(counts.isEmpty ? "no problems found" : counts.joined(separator: ", ")))
    }

    private func write(_ check: DoctorCheck) {
        let (out, arguments) = (invocation.environment.out, invocation.arguments)
        if arguments.has(.json) {
            return out.write(JSON.object(fields(of: check)).text + "\n")
        }
        guard !arguments.has(.quiet) || check.status != .good else { return }
        for line in CheckText(check, style).lines {
            let wrapped = out.width.map { line.wrapped(to: $0, indent: CheckText.indent) } ?? [line]
            wrapped.forEach { out.write($0 + "\n") }
        }
    }

    private func fields(of check: DoctorCheck) -> JSON.Object {
        [
            "event": .string("check"), "time": .string(Date().formatted(.iso8601)),
            "space": .optional(check.space), "check": .string(check.name),
            "verdict": .string(check.status.name), "exit": .int(check.status.exitCode),
            "message": .string(([check.text] + check.details).joined(separator: "\n")),
            "fix": .optional(check.fix),
            // The former name of the field, for one release.
            "mend": .optional(check.fix),
        ]
    }
}

/// A check as lines of text: status and message, then the remote's messages and the fix.
private struct CheckText {
    let lines: [String]
    /// The width of the column of statuses.
    static let indent = 9

    init(_ check: DoctorCheck, _ style: Style) {
        let status = check.status.name
        let coloredStatus =
            switch check.status {
            case .good: style.green(status)
            case .warning: style.yellow(status)
            case .bad: style.red(status)
            }
        let padding = String(repeating: " ", count: Self.indent - status.count)
        let subject = check.space.map { "\($0) " } ?? ""
        let indent = String(repeating: " ", count: Self.indent)
        let fixLines = (check.fix ?? "").split(separator: "\n").map {
            indent + style.bold("do: ") + String($0).visible
        }
        lines =
            ["\(coloredStatus)\(padding)\(subject)\(check.name): \(check.text.visible)"]
            + check.details.map { indent + $0.visible } + fixLines
    }
}

/// A result of `doctor`: the subject of the check, its status, and the fix.
struct DoctorCheck: Sendable {
    enum Status: Hashable, Sendable {
        case good, warning
        case bad(DeployError.Kind)

        var name: String {
            switch self {
            case .good: "good"
            case .warning: "warning"
            case .bad: "bad"
            }
        }

        var exitCode: Int { if case .bad(let kind) = self { kind.exitCode } else { 0 } }
    }

    /// `hub`, `token`, `source` …: one word, for scripts.
    var name: String
    /// The target of the check; `nil` for checks of the machine and its accounts.
    var space: SpaceID?
    var status: Status
    var text: String
    var details: [String] = []
    var fix: String?

    init(
        _ name: String, of space: SpaceID? = nil, _ status: Status, _ text: String, fix: String? = nil
    ) {
        (self.name, self.space, self.status, self.text, self.fix) = (name, space, status, text, fix)
    }

    init(_ name: String, of space: SpaceID? = nil, _ failure: DeployError) {
        self.init(name, of: space, .bad(failure.kind), failure.message, fix: failure.hint)
        details = failure.details
    }

    init(_ file: TokenFiles.OpenFile) { self.init("token", .warning, file.message, fix: file.fix) }

    /// A copy without token values, for output.
    var redacted: DoctorCheck {
        var check = self
        check.text = text.redacted
        check.details = details.map(\.redacted)
        check.fix = fix?.redacted
        return check
    }

    /// Runs a check. An error becomes a `bad` result.
    static func run(
        _ name: String, _ space: SpaceID? = nil, _ check: () async throws(DeployError) -> DoctorCheck
    ) async -> DoctorCheck {
        do { return try await check() } catch { return DoctorCheck(name, of: space, error) }
    }
}
