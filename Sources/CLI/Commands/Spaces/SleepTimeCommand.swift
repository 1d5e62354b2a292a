import Documentation
import HubAPI
import SpacesModel

extension Command {
    static let sleepTime = Command(
        .sleepTime, flags: [.yes] + Flag.spaceCommand
    ) { (invocation) async throws(DeployError) in
        let words = try invocation.positionals(2...2, like: "sleep-time owner/name 1h")
        let time = try SleepTime.read(words[1], like: "spacesync sleep-time \(words[0]) 1h")
        let office = try await SpaceCommandContext(invocation, [words[0]])
        return try await SleepTimeChange(context: office, space: office.space(), time: time).run()
    }
}

extension SleepTime {
    /// - Throws: kind `usage`.
    static func read(_ text: String, like line: String) throws(DeployError) -> SleepTime {
        guard let time = SleepTime(text) else {
            throw DeployError(.usage, "\(text) is no sleep time: write 30m, 1h, 3600 or never", hint: line)
        }
        return time
    }
}

private struct SleepTimeChange: Sendable {
    let context: SpaceCommandContext
    let space: SpaceID
    let time: SleepTime

    func run() async -> Int {
        await context.withSpace(space) { (hub, _) async throws(DeployError) in
            let present = try await hub.runtime()
            if time.staysAwake(after: present.sleepTime) { try await confirmCosts(to: present, hub) }
            let runtime = try await hub.setSleepTime(time.seconds)
            guard let told = runtime.sleepTime, told != time else { return print(runtime) }
            throw sleepTimeIgnored(told, on: runtime.requestedHardware ?? "its hardware")
        }
    }

    private func print(_ runtime: Runtime) {
        context.results.write(
            space, text: ["\(space) sleeps \(time.longDescription)"], quiet: space.description,
            json: runtime.fields)
    }

    /// Never to sleep is paid for all the time, where anything is.
    private func confirmCosts(to present: Runtime, _ hub: HubSpace) async throws(DeployError) {
        guard let name = present.requestedHardware, name != "cpu-basic" else { return }
        let hardware = try await hub.hub.hardware().first { $0.name == name }
        guard hardware?.price?.isFree != true else { return }
        try await Confirmation(context, space).require(
            time == .never
                ? "Let \(space) never sleep" : "Let \(space) sleep no sooner than \(time.longDescription)",
            ["\(name): \(hardware?.cost ?? "at a price that the Hub does not tell")"],
            line: "sleep-time \(space) \(time)")
    }

    private func sleepTimeIgnored(_ reported: SleepTime, on hardware: String) -> DeployError {
        DeployError(
            .refused, "the Hub did not heed it: \(space) sleeps \(reported.longDescription)",
            details: hardware == "cpu-basic"
                ? ["the sleep time of cpu-basic is fixed"] : ["it runs on \(hardware)"],
            hint: hardware == "cpu-basic"
                ? "on paid hardware it can be set: spacesync hardware \(space) cpu-upgrade --sleep-time \(time)"
                : nil)
    }
}

extension SleepTime {
    /// `never`, `after 1h without a visit`.
    var longDescription: String { self == .never ? "never" : "after \(self) without a visit" }
}
