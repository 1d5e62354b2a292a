import HubAPI
import Reporting
import SpacesModel

extension Command {
    static let hardware = Command(
        name: "hardware", synopsis: "[SPACE [FLAVOUR]]",
        summary: "what there is and costs, what a Space runs on, or what it shall run on",
        details: """
            Prices are the Hub's own, while the Space runs; a month has 30 days. What is dearer than the present
            hardware needs a yes.
            """,
        flags: [.sleepTime, .yes] + Flag.verb
    ) { (invocation) async throws(Failure) in
        let words = try invocation.words(0...2, like: "hardware owner/name cpu-upgrade")
        let sleep = try invocation.arguments.value(.sleepTime).map { (text) throws(Failure) in
            try SleepTime.read(text, like: "spacesync hardware owner/name cpu-upgrade --sleep-time 1h")
        }
        guard words.count == 2 || sleep == nil else {
            throw Failure(
                .usage, "--sleep-time goes with a flavour",
                hint: "of the present hardware: spacesync sleep-time \(words.first ?? "owner/name") "
                    + (invocation.arguments.value(.sleepTime) ?? "1h"))
        }
        let office = try await Office(invocation, Array(words.prefix(1)))
        guard let space = office.loaded.named.first else { return try await HardwareList(office).run() }
        guard words.count == 2 else { return await HardwareList(office).run(marking: space) }
        return await HardwareChange(office: office, space: space, flavor: words[1], sleep: sleep).run()
    }
}

extension Flag {
    static let sleepTime = Flag(
        "--sleep-time", value: "TIME", "after how long without a visit it sleeps (1h, never)")
}

/// The Hub's list, with the present one marked.
private struct HardwareList: Sendable {
    let office: Office

    init(_ office: Office) { self.office = office }

    /// Of no Space: anybody may ask.
    func run() async throws(Failure) -> Int {
        give(try await office.workshop.hub(nil).hardware(), nil, nil)
        return 0
    }

    func run(marking space: SpaceID) async -> Int {
        await office.serve(space) { (hub, _) async throws(Failure) in
            let present = try await hub.runtime()
            give(try await hub.hub.hardware(), present, space)
        }
    }

    private func give(_ list: [Hardware], _ present: Runtime?, _ space: SpaceID?) {
        let name = present?.requestedHardware ?? present?.hardware
        let rows = list.map {
            [$0.name == name ? "*" : "", $0.name.visible] + ($0.price?.columns ?? ["?", "", ""]) + [$0.parts]
        }
        let header = ["", "HARDWARE", "AN HOUR", "A DAY", "A MONTH", ""]
        for (index, line) in Table(rows: [header] + rows, rightAligned: [2, 3, 4]).lines.enumerated() {
            let text = index == 0 ? [office.results.style.dim(line)] : [line]
            guard index > 0 else {
                if office.results.isText { office.results.give(space, text: text, quiet: nil, json: []) }
                continue
            }
            let hardware = list[index - 1]
            office.results.give(
                space, text: text, quiet: hardware.name,
                json: hardware.fields + [("present", .bool(hardware.name == name))])
        }
        if let name, !list.contains(where: { $0.name == name }), let space {
            office.tell("\(space) is on \(name), which is not in the list", about: space)
        }
    }
}

/// Another flavour for a Space.
private struct HardwareChange: Sendable {
    let office: Office
    let space: SpaceID
    let flavor: String
    let sleep: SleepTime?

    func run() async -> Int {
        await office.serve(space) { (hub, _) async throws(Failure) in
            let list = try await hub.hub.hardware()
            let wanted = try list.named(flavor)
            let present = try await hub.runtime()
            guard present.requestedHardware != flavor || sleep != nil && sleep != present.sleepTime else {
                return give(present, wanted)
            }
            try await agree(to: wanted, list.first { $0.name == present.requestedHardware }, present)
            let runtime = try await hub.setHardware(flavor, sleepAfter: sleep?.seconds)
            give(runtime, wanted)
            if let sleep, let told = runtime.sleepTime, told != sleep {
                office.warn("the Hub did not heed --sleep-time: \(space) sleeps \(told.spoken)")
            }
            office.tell("next: spacesync watch \(space)", about: space)
        }
    }

    private func agree(to wanted: Hardware, _ present: Hardware?, _ runtime: Runtime) async throws(Failure) {
        let isAwake = sleep?.staysAwake(after: runtime.sleepTime) == true && wanted.price?.isFree != true
        guard wanted.isDearer(than: present) || isAwake else { return }
        var details = ["\(wanted.name): \(wanted.cost), while it runs"]
        if let present { details.append("\(present.name), the present one: \(present.cost)") }
        if sleep?.isEndless ?? true {
            details.append("it runs always: --sleep-time 1h lets it sleep after an hour without a visit")
        }
        try await Consent(office, space).need(
            "Run \(space) on \(wanted.name)", details, line: "hardware \(space) \(wanted.name)")
    }

    private func give(_ runtime: Runtime, _ wanted: Hardware) {
        office.results.give(
            space, text: ["\(space) on \(wanted.name.visible) (\(wanted.cost))"], quiet: space.description,
            json: runtime.fields)
    }
}
