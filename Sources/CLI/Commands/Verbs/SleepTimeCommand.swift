import HubAPI
import SpacesModel

extension Command {
    static let sleepTime = Command(
        name: "sleep-time", synopsis: "SPACE TIME",
        summary: "after how long without a visit a Space goes to sleep (1h, 3600 or never)",
        details: """
            On cpu-basic the Hub does not heed it: free hardware sleeps after two days. A Space on paid hardware
            that never sleeps, or not within a week, costs money always: this needs a yes.
            """,
        flags: [.yes] + Flag.verb
    ) { (invocation) async throws(Failure) in
        let words = try invocation.words(2...2, like: "sleep-time owner/name 1h")
        let time = try SleepTime.read(words[1], like: "spacesync sleep-time \(words[0]) 1h")
        let office = try await Office(invocation, [words[0]])
        return try await Sleeper(office: office, space: office.space(), time: time).run()
    }
}

extension SleepTime {
    /// - Throws: kind `usage`.
    static func read(_ text: String, like line: String) throws(Failure) -> SleepTime {
        guard let time = SleepTime(text) else {
            throw Failure(.usage, "\(text) is no sleep time: write 30m, 1h, 3600 or never", hint: line)
        }
        return time
    }
}

private struct Sleeper: Sendable {
    let office: Office
    let space: SpaceID
    let time: SleepTime

    func run() async -> Int {
        await office.serve(space) { (hub, _) async throws(Failure) in
            let present = try await hub.runtime()
            if time.staysAwake(after: present.sleepTime) { try await agree(to: present, hub) }
            let runtime = try await hub.setSleepTime(time.seconds)
            guard let told = runtime.sleepTime, told != time else { return give(runtime) }
            throw unheeded(told, on: runtime.requestedHardware ?? "its hardware")
        }
    }

    private func give(_ runtime: Runtime) {
        office.results.give(
            space, text: ["\(space) sleeps \(time.spoken)"], quiet: space.description, json: runtime.fields)
    }

    /// Never to sleep is paid for all the time, where anything is.
    private func agree(to present: Runtime, _ hub: HubSpace) async throws(Failure) {
        guard let name = present.requestedHardware, name != "cpu-basic" else { return }
        let hardware = try await hub.hub.hardware().first { $0.name == name }
        guard hardware?.price?.isFree != true else { return }
        try await Consent(office, space).need(
            time == .never ? "Let \(space) never sleep" : "Let \(space) sleep no sooner than \(time.spoken)",
            ["\(name): \(hardware?.cost ?? "at a price that the Hub does not tell")"],
            line: "sleep-time \(space) \(time)")
    }

    private func unheeded(_ told: SleepTime, on hardware: String) -> Failure {
        Failure(
            .refused, "the Hub did not heed it: \(space) sleeps \(told.spoken)",
            details: hardware == "cpu-basic"
                ? ["the sleep time of cpu-basic is fixed"] : ["it runs on \(hardware)"],
            hint: hardware == "cpu-basic"
                ? "on paid hardware it can be set: spacesync hardware \(space) cpu-upgrade --sleep-time \(time)"
                : nil)
    }
}

extension SleepTime {
    /// `never`, `after 1h without a visit`.
    var spoken: String { self == .never ? "never" : "after \(self) without a visit" }
}
