import Deploy
import Documentation
import Reporting
import SpacesModel

/// The command `drift`: lists what was changed on a Space since the last deploy, or prints it as a
/// patch.
struct DriftCommand: Sendable {
    static let command = Command(
        .drift, flags: Flag.target + [patch]
    ) { (invocation) async throws(DeployError) in
        try await DriftCommand(invocation: invocation).run()
    }

    private static let patch = Flag(
        "--patch", "print a patch for git apply in the working tree of the source")

    let invocation: Invocation

    private var isPatch: Bool { invocation.arguments.has(Self.patch) }

    func run() async throws(DeployError) -> Int {
        let loaded = try await invocation.loadSettings(try invocation.oneSpace())
        let context = try RunContext(invocation, loaded)
        let target = try loaded.onlyTarget()
        let report = await context.report(on: target) { (targetContext) async throws(DeployError) in
            var options = context.options
            options.isPlan = true
            let (deployer, _) = try await targetContext.deployer(options)
            return await deployer.drift(withPatch: isPatch) { (entry) async throws(DeployError) in
                print(entry, targetContext.log)
            }
        }
        return report.exitCode
    }

    /// Prints one changed file. Standard output contains the list or the patch, never both.
    private func print(_ entry: DriftedFile, _ log: EventHandler) {
        guard isPatch, !invocation.arguments.has(.json) else { return log(.drifted(entry)) }
        DriftTable(entry, style: Style(isOn: false)).lines.forEach { log(.detail($0)) }
        if let patch = entry.patch { printPatch(patch) }
    }

    /// Prints the patch byte for byte; on a terminal with control characters escaped, as the
    /// Space's text is untrusted.
    private func printPatch(_ patch: [UInt8]) {
        let out = invocation.environment.out
        guard out.isTerminal else { return out.write(patch) }
        for line in patch.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).dropLast() {
            out.write(String(decoding: line, as: UTF8.self).visible + "\n")
        }
    }
}
