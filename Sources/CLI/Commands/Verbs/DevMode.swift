import HubAPI
import Reporting
import SpacesModel

extension Command {
    static let devMode = Command(
        name: "dev-mode", synopsis: "SPACE [on|off]",
        summary: "development in the running container, on or off",
        details: """
            It needs a PRO or Team plan. While it is on, a push does not rebuild the Space.
            To work inside: hf spaces ssh SPACE
            """,
        flags: [.stop] + Flag.verb
    ) { (invocation) async throws(Failure) in
        let words = try invocation.words(1...2, like: "dev-mode owner/name on")
        let isOn = try isOn(words, invocation.arguments)
        let office = try await Office(invocation, [words[0]])
        let space = try office.space()
        return await office.serve(space) { (hub, _) async throws(Failure) in
            let runtime = try await hub.setDevMode(isOn)
            office.results.give(
                space, text: ["\(space) dev mode \(isOn ? "on" : "off")"], quiet: space.description,
                json: runtime.fields + [("dev_mode", .bool(isOn))])
        }
    }

    private static func isOn(_ words: [String], _ arguments: Arguments) throws(Failure) -> Bool {
        switch (words.count > 1 ? words[1].lowercased() : nil, arguments.has(.stop)) {
        case ("on", false), (nil, false): return true
        case ("off", _), (nil, true): return false
        default:
            throw Failure(
                .usage, "dev-mode is on or off", hint: "spacesync dev-mode \(words[0]) on")
        }
    }
}

extension Flag {
    static let stop = Flag("--stop", "off, as hf spells it")
}
