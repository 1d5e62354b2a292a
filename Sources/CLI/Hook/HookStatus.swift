import DeploySettings
import Essentials
import Git
import Reporting
import SpacesModel
import TextTools

/// The `hook status` command: reports what a push to this repository deploys.
struct HookStatus: Sendable {
    private let invocation: Invocation
    private let repository: HookRepository

    init(_ invocation: Invocation) async throws(DeployError) {
        self.invocation = invocation
        repository = try await HookRepository(invocation)
    }

    func printStatus() async throws(DeployError) -> Int {
        let (diagnostics, installed) = (await HookDiagnostics(of: repository, invocation), installed)
        let binary = await binary(of: installed?.script)
        var rows = [["hook", hook(installed)]]
        if installed != nil { rows.append(["calls", binary?.text ?? "nothing: spacesync was not found"]) }
        if repository.hookState != .callsSpacesync, let script = installed?.script, !script.other.isEmpty {
            rows.append(["runs first", repository.hooks + "/" + script.other])
        }
        rows.append(["push options", diagnostics.advertisesPushOptions ? "advertised" : "not advertised"])
        rows += HookStatusText.lines(diagnostics.bindings.bindings).enumerated().map {
            [$0 == 0 ? "deploys" : "", $1]
        }
        let (results, history) = (
            ResultWriter(invocation), HookHistory(of: repository.gitDirectory, invocation.environment)
        )
        results.write(
            nil,
            text: [results.style.bold(repository.gitDirectory)] + Table(rows: rows).lines.map { "  " + $0 }
                + lines(history),
            quiet: installed?.path,
            json: [
                "hook": .optional(installed?.path), "version": .optional(installed?.script?.version),
                "binary": .optional(binary?.path), "binary_version": .optional(binary?.version),
                "deploys": .array(history.deploys.map(\.json)),
            ] + HookStatusText.fields(diagnostics), as: "hook")
        printIssues(diagnostics, installed != nil, binary != nil)
        return 0
    }

    /// Returns the rows of the last deploys.
    private func lines(_ history: HookHistory) -> [String] {
        guard let last = history.deploys.first else { return [] }
        let rows = history.deploys.prefix(Self.maxDeploys).map(\.row)
        return ["  last deploys"] + Table(rows: rows).lines.map { "    " + $0 } + [
            "    last log: \(last.logPath)"
        ]
    }

    private static let maxDeploys = 10

    private func printIssues(_ diagnostics: HookDiagnostics, _ isInstalled: Bool, _ hasBinary: Bool) {
        let reporter = invocation.reporter
        if !isInstalled {
            let line = "spacesync hook install \(CommandHints.quoted(repository.gitDirectory))"
            reporter.send(
                .warning(
                    repository.sharingReason.map { "\($0); for details: \(line)" } ?? "to install it: \(line)"
                ))
        }
        for issue in diagnostics.issues {
            reporter.send(.warning(issue.text.visible))
            issue.lines.forEach { reporter.send(.info("         " + $0.visible)) }
        }
    }

    private typealias Installed = (path: String, script: HookScript?)

    /// The file that Git or another hook calls; `nil` if there is none. `script` is `nil` for a
    /// hook not written by spacesync.
    private var installed: Installed? {
        switch repository.hookState {
        case .managed(let script): return (repository.hook, script)
        case .callsSpacesync: return (repository.hook, nil)
        case .missing: return nil
        case .other:
            return repository.part.flatMap { part in HookScript(at: part).map { (part, $0) } }
        }
    }

    private func hook(_ installed: Installed?) -> String {
        guard let installed else {
            return repository.hookState == .missing
                ? "not installed" : "not installed; \(repository.hook) is another hook"
        }
        guard access(installed.path, X_OK) == 0 else {
            return "\(installed.path) is not executable, so Git does not run it: chmod +x \(installed.path)"
        }
        guard let script = installed.script else {
            return "\(installed.path), your own hook, which calls spacesync"
        }
        return "\(installed.path), written by \(script.version)"
    }

    private struct Binary {
        var path: String
        var version: String?
        var text: String {
            path + (version.map { ", version \($0)" } ?? ", which does not respond to --version")
        }
    }

    /// Returns the binary that the hook would find; the PATH of a hook may differ from this
    /// process's.
    private func binary(of script: HookScript?) async -> Binary? {
        let environment = invocation.environment
        let directories =
            (environment["PATH"] ?? "").split(separator: ":").map { String($0) }
            + [environment.home.map { $0 + "/.local/bin" }, "/usr/local/bin"].compactMap { $0 }
        let candidates = [script?.binary ?? ""] + directories.map { $0 + "/spacesync" }
        let found = candidates.first {
            $0.hasPrefix("/") && FileManager.default.isExecutableFile(atPath: $0)
        }
        guard let found else { return nil }
        let result = await ProcessRunner.run(
            found, ["--version"], environment: ["PATH": "/usr/bin:/bin"], directory: "/", input: Data(),
            patience: .seconds(5))
        let fields = String(decoding: result.output, as: UTF8.self).split(whereSeparator: \.isWhitespace)
        let isValid = result.status == 0 && fields.count >= 2 && fields[0] == "spacesync"
        return Binary(path: found, version: isValid ? String(fields[1]) : nil)
    }
}

/// The text and JSON of `hook install` and `hook status`.
struct HookStatusText: Sendable {
    private let readiness: HookDiagnostics
    private let reporter: any Reporter

    init(_ readiness: HookDiagnostics, _ reporter: any Reporter) {
        (self.readiness, self.reporter) = (readiness, reporter)
    }

    /// Prints the bindings and the problems.
    func printReadiness() {
        for line in Self.lines(readiness.bindings.bindings) { reporter.send(.info("       " + line)) }
        for want in readiness.issues {
            reporter.send(.warning(want.text.visible))
            for line in want.lines { reporter.send(.info("         " + line.visible)) }
        }
    }

    static func lines(_ bindings: [BranchBindings.Binding]) -> [String] {
        bindings.map {
            "\($0.branch.shortened(to: ShownLimit.branch).visible) -> \($0.space)"
                + ($0.isMissing ? " (not pushed yet)" : "")
        }
    }

    static func fields(_ readiness: HookDiagnostics) -> JSON.Object {
        let bindings = readiness.bindings.bindings.map { binding in
            JSON.object([
                "branch": .string(binding.branch), "space": .string(binding.space.description),
                "pushed": .bool(!binding.isMissing),
            ])
        }
        return [
            "repository": .string(readiness.repository.gitDirectory),
            "push_options": .bool(readiness.advertisesPushOptions), "bindings": .array(bindings),
            "wants": .array(readiness.issues.map { .string(([$0.text] + $0.lines).joined(separator: "\n")) }),
        ]
    }
}
