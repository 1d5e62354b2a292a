import Documentation
import HubAPI
import SpacesModel

/// The command `sleep-time`: changes after how long without a visit a Space sleeps.
struct SleepTimeCommand: Sendable {
    static let command = Command(
        .sleepTime, flags: [.yes] + Flag.spaceCommand
    ) { (invocation) async throws(DeployError) in
        let positionals = try invocation.positionals(2...2, like: "sleep-time owner/name 1h")
        let time = try SleepTime.read(positionals[1], like: "spacesync sleep-time \(positionals[0]) 1h")
        let context = try await SpaceCommandContext(invocation, [positionals[0]])
        return try await SleepTimeCommand(context: context, space: context.space(), time: time).run()
    }

    let context: SpaceCommandContext
    let space: SpaceID
    let time: SleepTime

    func run() async -> Int {
        await context.withSpace(space) { (hub, _) async throws(DeployError) in
            let present = try await hub.runtime()
            if time.staysAwake(after: present.sleepTime) { try await confirmCosts(to: present, hub) }
            let runtime = try await hub.setSleepTime(time.seconds)
            guard let reported = runtime.sleepTime, reported != time else { return print(runtime) }
            throw sleepTimeIgnored(reported, on: runtime.requestedHardware ?? "its hardware")
        }
    }

    private func print(_ runtime: Runtime) {
        context.results.write(
            space, text: ["\(space) sleeps \(time.longDescription)"], quiet: space.description,
            json: runtime.fields)
    }

    /// Requires confirmation unless the hardware is free: a Space that stays awake costs money all
    /// the time.
    private func confirmCosts(to present: Runtime, _ hub: HubSpace) async throws(DeployError) {
        guard let name = present.requestedHardware, name != "cpu-basic" else { return }
        let hardware = try await hub.hub.hardware().first { $0.name == name }
        guard hardware?.price?.isFree != true else { return }
        try await Confirmation(context, space).require(
            time == .never
                ? "Keep \(space) always awake" : "Let \(space) sleep only \(time.longDescription)",
            ["\(name): \(hardware?.cost ?? "unknown price")"],
            line: "sleep-time \(space) \(time)")
    }

    private func sleepTimeIgnored(_ reported: SleepTime, on hardware: String) -> DeployError {
        DeployError(
            .refused, "the Hub ignored the request: \(space) sleeps \(reported.longDescription)",
            details: hardware == "cpu-basic"
                ? ["the sleep time of cpu-basic is fixed"] : ["it runs on \(hardware)"],
            hint: hardware == "cpu-basic"
                ? "to set it, use paid hardware: spacesync hardware \(space) cpu-upgrade --sleep-time \(time)"
                : nil)
    }
}

extension SleepTime {
    /// Parses a sleep time.
    /// - Throws: kind `usage` if it is invalid.
    static func read(_ text: String, like line: String) throws(DeployError) -> SleepTime {
        guard let time = SleepTime(text) else {
            throw DeployError(
                .usage, "\"\(text)\" is not a valid sleep time; use 30m, 1h, 3600 or never", hint: line)
        }
        return time
    }

    /// For a sentence: `never`, `after 1h without a visit`.
    var longDescription: String { self == .never ? "never" : "after \(self) without a visit" }
}
