import Essentials
import Git
import Reporting
import SpacesModel

/// `hook install` and `hook uninstall`: each may be said twice, and the one takes back what the other did.
struct HookInstallation: Sendable {
    private let invocation: Invocation
    private let house: HookHouse

    init(_ invocation: Invocation) async throws(Failure) {
        self.invocation = invocation
        house = try await HookHouse(invocation)
    }

    private var voice: any Voice { invocation.voice }
    private var directory: String { ReadyLines.quoted(house.repository) }
    private var record: HookRecord { HookRecord(of: house) }

    func install() async throws(Failure) -> Int {
        try refuseSharing("install")
        voice.note("-----> \(house.repository)")
        let script = try write()
        if let doubt = HookFiles(house).doubt(about: OwnBinary.path(in: invocation.world)) {
            voice.warn(doubt)
        }
        await advertise()
        let readiness = await HookReadiness(of: house, invocation)
        HookText(readiness, voice).tell()
        Results(invocation).give(
            nil, text: [script], quiet: script,
            json: [("hook", .string(script))] + HookText.fields(readiness), as: "hook")
        return 0
    }

    private func refuseSharing(_ verb: String) throws(Failure) {
        guard let sharing = house.sharing else { return }
        throw Failure(
            .guarded, "nothing was changed: \(sharing)",
            hint: "if it is meant for all of them (where no Space is bound, the hook does nothing): "
                + "spacesync hook \(verb) \(directory) --hooks \(ReadyLines.quoted(house.shared))\n"
                + "for this repository alone: git -C \(directory) config core.hooksPath \(directory)/hooks")
    }

    private func detail(_ text: String) { voice.note("       " + text) }
}

extension HookInstallation {
    /// - Returns: the file that Git, or the hook that is there, calls.
    private func write() throws(Failure) -> String {
        var script = HookScript(binary: OwnBinary.path(in: invocation.world))
        let files = HookFiles(house)
        switch house.present {
        case .ours(let old):
            script.other = old.other
            return try put(script, house.hook, instead: old)
        case .nothing:
            if try files.makeHooks(), !record.add(.directory) { detail("hooks/ was made") }
            return try put(script, house.hook, instead: nil)
        case .calling:
            detail("\(house.hook) calls spacesync already: it stays as it is")
            return house.hook
        case .other where house.parts != nil:
            let part = (house.parts ?? "") + "/spacesync"
            let old = readFile(part, limit: 1 << 20).flatMap {
                HookScript(reading: String(decoding: $0, as: UTF8.self))
            }
            detail("\(HookHouse.name) stays as it is: it calls what is in \(HookHouse.name).d")
            return try put(script, part, instead: old)
        case .other(let isExecutable):
            script.other = HookHouse.kept
            try files.keep()
            try files.write(script, to: house.hook)
            detail("hook written: \(house.hook), which calls \(script.binary)")
            detail(
                "the \(HookHouse.name) that was there is \(HookHouse.kept) now"
                    + (isExecutable ? ", and is called first" : "; it is not executable, so nobody calls it"))
            return house.hook
        }
    }

    private func put(
        _ script: HookScript, _ path: String, instead old: HookScript?
    ) throws(Failure) -> String {
        let isSame = readFile(path, limit: 1 << 20).map { $0 == Array(script.text.utf8) } ?? false
        if isSame, access(path, X_OK) == 0 {
            detail("hook: \(path) is there already, and calls \(script.binary)")
            return path
        }
        try HookFiles(house).write(script, to: path)
        detail("hook \(old == nil ? "written" : "renewed"): \(path), which calls \(script.binary)")
        return path
    }

    /// Whatever the operator said of it stands.
    private func advertise() async {
        let own = (try? HookConfiguration(house).value) ?? nil
        if await house.source.isSet("receive.advertisePushOptions") {
            return detail("push options: receive.advertisePushOptions is true already")
        }
        let line = "git -C \(directory) config receive.advertisePushOptions true"
        if own != nil {
            return detail("push options are switched off here; to let pushers say -o spacesync.…: \(line)")
        }
        guard record.add(.advertised), await HookConfiguration(house).set(in: invocation.world) else {
            record.remove()
            return voice.warn("receive.advertisePushOptions could not be set; do it by hand: \(line)")
        }
        detail("push options: receive.advertisePushOptions = true")
    }
}

extension HookInstallation {
    func uninstall() async throws(Failure) -> Int {
        try refuseSharing("uninstall")
        voice.note("-----> \(house.repository)")
        let (files, changes) = (HookFiles(house), record.changes)
        var removed: String?
        switch house.present {
        case .ours(let script):
            try files.takeBack(script)
            removed = house.hook
            detail(
                script.other.isEmpty
                    ? "hook removed: \(house.hook)" : "the hook that was there before is back: \(house.hook)")
        case .calling:
            detail("\(house.hook) is your own and calls spacesync: it stays as it is")
        case .nothing, .other:
            if let parts = house.parts, try files.removePart(in: parts) {
                removed = parts + "/spacesync"
                detail("hook removed: \(parts)/spacesync")
            } else {
                detail("no hook of spacesync is installed here")
            }
            if FileManager.default.fileExists(atPath: house.kept) {
                voice.warn(
                    "\(house.kept) was kept for a \(HookHouse.name) that is another's now: it stays where it is"
                )
            }
        }
        if changes.contains(.directory) { rmdir(house.hooks) }
        if changes.contains(.advertised) {
            let isTaken = await HookConfiguration(house).unset(in: invocation.world)
            detail(
                isTaken
                    ? "push options: receive.advertisePushOptions is taken back"
                    : "push options: receive.advertisePushOptions was changed since, and stays")
        }
        record.remove()
        if !HookFolder.stories(of: house.repository, invocation.world).isEmpty {
            detail("the logs of its deploys stay: \(HookFolder(of: house.repository).path)")
        }
        Results(invocation).give(
            nil, text: [], quiet: removed, json: [("removed", .optional(removed))], as: "hook")
        return 0
    }
}
