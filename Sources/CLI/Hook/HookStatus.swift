import Essentials
import Reporting
import SpacesModel

/// `hook status`: what a push to this repository does.
struct HookStatus: Sendable {
    private let invocation: Invocation
    private let house: HookHouse

    init(_ invocation: Invocation) async throws(Failure) {
        self.invocation = invocation
        house = try await HookHouse(invocation)
    }

    func tell() async throws(Failure) -> Int {
        let (readiness, installed) = (await HookReadiness(of: house, invocation), installed)
        let binary = await binary(of: installed?.script)
        var rows = [["hook", hook(installed)]]
        if installed != nil { rows.append(["calls", binary?.text ?? "nothing: no spacesync is found"]) }
        if house.present != .calling, let script = installed?.script, !script.other.isEmpty {
            rows.append(["before it", house.hooks + "/" + script.other])
        }
        rows.append(["push options", readiness.advertises ? "advertised" : "not advertised"])
        rows += HookText.lines(readiness.bindings.bindings).enumerated().map {
            [$0 == 0 ? "deploys" : "", $1]
        }
        let (results, past) = (Results(invocation), HookPast(of: house.repository, invocation.world))
        results.give(
            nil,
            text: [results.style.bold(house.repository)] + Table(rows: rows).lines.map { "  " + $0 }
                + lines(past),
            quiet: installed?.path,
            json: [
                ("hook", .optional(installed?.path)), ("version", .optional(installed?.script?.version)),
                ("binary", .optional(binary?.path)), ("binary_version", .optional(binary?.version)),
                ("deploys", .array(past.deploys.map(\.json))),
            ] + HookText.fields(readiness), as: "hook")
        tellWants(readiness, installed != nil, binary != nil)
        return 0
    }

    /// Of a long past the last lines.
    private func lines(_ past: HookPast) -> [String] {
        guard let last = past.deploys.first else { return [] }
        let rows = past.deploys.prefix(Self.most).map(\.row)
        return ["  last deploys"] + Table(rows: rows).lines.map { "    " + $0 } + [
            "    log of the last: \(last.log)"
        ]
    }

    private static let most = 10

    private func tellWants(_ readiness: HookReadiness, _ isInstalled: Bool, _ hasBinary: Bool) {
        let voice = invocation.voice
        if !isInstalled {
            let line = "spacesync hook install \(ReadyLines.quoted(house.repository))"
            voice.warn(house.sharing.map { "\($0); \(line) tells more" } ?? "to install it: \(line)")
        }
        for want in readiness.wants {
            voice.warn(want.text.visible)
            want.lines.forEach { voice.note("         " + $0.visible) }
        }
    }
}

extension HookStatus {
    private typealias Installed = (path: String, script: HookScript?)

    /// The file that Git or another hook calls; nil for none. A hook of somebody's own has no script of ours.
    private var installed: Installed? {
        switch house.present {
        case .ours(let script): return (house.hook, script)
        case .calling: return (house.hook, nil)
        case .nothing: return nil
        case .other:
            guard let part = house.parts.map({ $0 + "/spacesync" }),
                let bytes = readFile(part, limit: 1 << 20),
                let script = HookScript(reading: String(decoding: bytes, as: UTF8.self))
            else { return nil }
            return (part, script)
        }
    }

    private func hook(_ installed: Installed?) -> String {
        guard let installed else {
            return house.present == .nothing ? "not installed" : "not installed; \(house.hook) is another's"
        }
        guard access(installed.path, X_OK) == 0 else {
            return "\(installed.path) is not executable, so Git does not call it: chmod +x \(installed.path)"
        }
        guard let script = installed.script else { return "\(installed.path), your own, calls spacesync" }
        return "\(installed.path), written by \(script.version)"
    }

    private struct Binary {
        var path: String
        var version: String?
        var text: String { path + (version.map { ", version \($0)" } ?? ", which does not answer --version") }
    }

    /// What the hook would call, as it looks for it; the PATH of a hook may be another than ours.
    private func binary(of script: HookScript?) async -> Binary? {
        let world = invocation.world
        let places =
            (world["PATH"] ?? "").split(separator: ":").map { String($0) }
            + [world.home.map { $0 + "/.local/bin" }, "/usr/local/bin"].compactMap { $0 }
        let candidates = [script?.binary ?? ""] + places.map { $0 + "/spacesync" }
        let found = candidates.first {
            $0.hasPrefix("/") && FileManager.default.isExecutableFile(atPath: $0)
        }
        guard let found else { return nil }
        let ended = await Child.run(
            found, ["--version"], environment: ["PATH": "/usr/bin:/bin"], directory: "/", input: Data(),
            patience: .seconds(5))
        let words = String(decoding: ended.output, as: UTF8.self).split(whereSeparator: \.isWhitespace)
        let answers = ended.status == 0 && words.count == 2 && words[0] == "spacesync"
        return Binary(path: found, version: answers ? String(words[1]) : nil)
    }
}
