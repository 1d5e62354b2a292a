import Deploy
import Documentation
import Reporting
import SpacesModel

extension Command {
    static let drift = Command(
        .drift, flags: Flag.target + [.patch]
    ) { (invocation) async throws(DeployError) in
        return try await DriftRun(invocation).run()
    }
}

extension Flag {
    static let patch = Flag("--patch", "prints a patch that git apply takes in the source's work tree")
}

/// One Space, looked at.
private struct DriftRun: Sendable {
    let invocation: Invocation

    init(_ invocation: Invocation) { self.invocation = invocation }

    private var isPatch: Bool { invocation.arguments.has(.patch) }

    func run() async throws(DeployError) -> Int {
        let loaded = try await SettingsLoader(invocation.environment, invocation.arguments).load(
            try invocation.oneSpace())
        loaded.logWarnings(invocation.reporter)
        let workshop = try RunContext(invocation, loaded)
        let target = try loaded.onlyTarget()
        let report = await workshop.report(on: target) { (bench) async throws(DeployError) in
            var options = workshop.options
            options.isPlan = true
            let deployment = try await bench.deployer(options)
            return await deployment.drift(withPatch: isPatch) { (entry) async throws(DeployError) in
                print(entry, bench.log)
            }
        }
        return report.exitCode
    }

    /// Standard output holds the list or the patch, never both.
    private func print(_ entry: DriftedFile, _ log: EventHandler) {
        guard isPatch, !invocation.arguments.has(.json) else { return log(.drifted(entry)) }
        DriftTable(entry, style: Style(isOn: false)).lines.forEach { log(.detail($0)) }
        if let patch = entry.patch { printPatch(patch) }
    }

    /// Byte for byte, but to a terminal without control sequences: the Space's text is not ours.
    private func printPatch(_ patch: [UInt8]) {
        let out = invocation.environment.out
        guard out.isTerminal else { return out.write(patch) }
        for line in patch.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).dropLast() {
            out.write(String(decoding: line, as: UTF8.self).visible + "\n")
        }
    }
}
