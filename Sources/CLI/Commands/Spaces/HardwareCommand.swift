import Documentation
import HubAPI
import Reporting
import SpacesModel
import TextTools

/// The command `hardware`: lists the hardware with prices, or changes that of a Space.
enum HardwareCommand {
    static let command = Command(
        .hardware, flags: [.sleepTime, .yes] + Flag.spaceCommand
    ) { (invocation) async throws(DeployError) in
        let positionals = try invocation.positionals(0...2, like: "hardware owner/name cpu-upgrade")
        let sleep = try invocation.arguments.value(.sleepTime).map { (text) throws(DeployError) in
            try SleepTime.read(text, like: "spacesync hardware owner/name cpu-upgrade --sleep-time 1h")
        }
        guard positionals.count == 2 || sleep == nil else {
            throw DeployError(
                .usage, "--sleep-time requires a hardware type",
                hint:
                    "to keep the current hardware: spacesync sleep-time \(positionals.first ?? "owner/name") "
                    + (invocation.arguments.value(.sleepTime) ?? "1h"))
        }
        let context = try await SpaceCommandContext(invocation, Array(positionals.prefix(1)))
        guard let space = context.loaded.named.first else { return try await HardwareList(context).run() }
        guard positionals.count == 2 else { return await HardwareList(context).run(marking: space) }
        return await HardwareChange(context: context, space: space, flavor: positionals[1], sleep: sleep)
            .run()
    }
}

/// The Hub's hardware list, with the current hardware of a Space marked.
private struct HardwareList: Sendable {
    let context: SpaceCommandContext

    init(_ context: SpaceCommandContext) { self.context = context }

    /// Prints the list without a Space, which needs no token.
    func run() async throws(DeployError) -> Int {
        print(try await context.runContext.hub(nil).hardware(), nil, nil)
        return 0
    }

    func run(marking space: SpaceID) async -> Int {
        await context.withSpace(space) { (hub, _) async throws(DeployError) in
            let runtime = try await hub.runtime()
            print(try await hub.hub.hardware(), runtime, space)
        }
    }

    private func print(_ list: [Hardware], _ runtime: Runtime?, _ space: SpaceID?) {
        let name = runtime?.requestedHardware ?? runtime?.hardware
        let rows = list.map {
            [$0.name == name ? "*" : "", $0.name.visible] + ($0.price?.columns ?? ["?", "", ""]) + [
                $0.specification
            ]
        }
        let header = ["", "HARDWARE", "AN HOUR", "A DAY", "A MONTH", ""]
        for (index, line) in Table(rows: [header] + rows, rightAligned: [2, 3, 4]).lines.enumerated() {
            let text = index == 0 ? [context.results.style.dim(line)] : [line]
            guard index > 0 else {
                if context.results.isText { context.results.write(space, text: text, quiet: nil, json: [:]) }
                continue
            }
            let hardware = list[index - 1]
            context.results.write(
                space, text: text, quiet: hardware.name,
                json: hardware.fields + ["present": .bool(hardware.name == name)])
        }
        if let name, !list.contains(where: { $0.name == name }), let space {
            context.log("\(space) runs on \(name), which is not in the list", about: space)
        }
    }
}

/// A change of a Space's hardware.
private struct HardwareChange: Sendable {
    let context: SpaceCommandContext
    let space: SpaceID
    let flavor: String
    let sleep: SleepTime?

    func run() async -> Int {
        await context.withSpace(space) { (hub, _) async throws(DeployError) in
            let available = try await hub.hub.hardware()
            let desired = try available.named(flavor)
            let current = try await hub.runtime()
            guard current.requestedHardware != flavor || sleep != nil && sleep != current.sleepTime else {
                return printResult(current, desired)
            }
            try await confirmCosts(
                to: desired, available.first { $0.name == current.requestedHardware }, current)
            let runtime = try await hub.setHardware(flavor, sleepAfter: sleep?.seconds)
            printResult(runtime, desired)
            if let sleep, let reported = runtime.sleepTime, reported != sleep {
                context.warn("the Hub ignored --sleep-time: \(space) sleeps \(reported.longDescription)")
            }
            context.log("next: spacesync watch \(space)", about: space)
        }
    }

    private func confirmCosts(to desired: Hardware, _ current: Hardware?, _ runtime: Runtime)
        async throws(DeployError)
    {
        let isAwake = sleep?.staysAwake(after: runtime.sleepTime) == true && desired.price?.isFree != true
        guard desired.isMoreExpensive(than: current) || isAwake else { return }
        var details = ["\(desired.name): \(desired.cost), while it runs"]
        if let current { details.append("\(current.name) (current hardware): \(current.cost)") }
        if sleep?.isEndless ?? true {
            details.append(
                "it never sleeps; use --sleep-time 1h to let it sleep after one hour without a visit")
        }
        try await Confirmation(context, space).require(
            "Run \(space) on \(desired.name)", details, line: "hardware \(space) \(desired.name)")
    }

    private func printResult(_ runtime: Runtime, _ desired: Hardware) {
        context.results.write(
            space, text: ["\(space) on \(desired.name.visible) (\(desired.cost))"], quiet: space.description,
            json: runtime.fields)
    }
}

extension Hardware {
    /// The price, for use in a sentence.
    var cost: String { price?.description ?? "unknown price" }

    /// Whether the hardware costs more than the current one; true if its price is unknown.
    func isMoreExpensive(than current: Hardware?) -> Bool {
        guard let price else { return true }
        return price.dollarsPerHour > (current?.price?.dollarsPerHour ?? 0)
    }

    /// For example `2 vCPU, 16 GB, 1 x T4`.
    var specification: String {
        [cpu, memory, accelerator].compactMap { $0 }.joined(separator: ", ").visible
    }

    var fields: JSON.Object {
        func dollars(_ hours: Double) -> JSON {
            price.map { .double(($0.dollarsPerHour * hours * 1000).rounded() / 1000) } ?? .null
        }
        return [
            "name": .string(name), "pretty_name": .string(prettyName), "cpu": .optional(cpu),
            "memory": .optional(memory), "accelerator": .optional(accelerator),
            "dollars_per_hour": dollars(1), "dollars_per_day": dollars(24),
            "dollars_per_month": dollars(720),
        ]
    }
}

extension [Hardware] {
    /// Returns the hardware with a name.
    /// - Throws: kind `usage` for an unknown name, with the nearest one as hint.
    func named(_ name: String) throws(DeployError) -> Hardware {
        if let found = first(where: { $0.name == name }) { return found }
        let near = nearest(name, among: map(\.name)).map { "did you mean \($0)?" }
        throw DeployError(
            .usage, "unknown hardware \"\(name)\"",
            hint: near ?? "use one of: \(map(\.name).joined(separator: ", "))")
    }
}
