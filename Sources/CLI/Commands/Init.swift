import Deploy
import DeploySettings
import Essentials
import Git
import Reporting
import SpacesModel

extension Command {
    static let initialize = Command(
        name: "init", synopsis: "[SPACE]",
        summary: "writes a .spacesync that works for this repository",
        details: """
            Looks at the branches, the Dockerfile, hf/ and the README; flags become lines of the file.
            Asks on a terminal; elsewhere name the Space: spacesync init owner/name
            """,
        flags: [.space] + Flag.target.filter { $0.key != "source" && $0 != .config && $0 != .tokenFile }
            + Flag.push.filter { ["create", "visibility", "timeout"].contains($0.key) } + [.rewrite, .yes]
    ) { (invocation) async throws(Failure) in
        try await InitRun(invocation).run()
    }
}

extension Flag {
    static let space = Flag("--space", value: "OWNER/NAME", "the Space, as the word SPACE")
    static let rewrite = Flag("--force", "replaces the section that this Space has")
}

/// One section, written.
struct InitRun: Sendable {
    private let invocation: Invocation
    private var arguments: Arguments { invocation.arguments }
    private var world: World { invocation.world }
    private var voice: any Voice { invocation.voice }

    init(_ invocation: Invocation) { self.invocation = invocation }

    func run() async throws(Failure) -> Int {
        let home = try await home()
        let file = SettingsPlace(home.top)
        let before = try file.read()
        let loaded = try await loaded(home)
        guard let space = loaded.named.first else { return 0 }
        var text = SettingsText(before)
        let asked = try asked(of: space)
        let workshop = try Workshop(invocation, loaded)
        let lines = try await lines(asked, home, workshop)
        try refuse(text.existing(of: space), space, lines)
        text.remove(space)
        text.add(lines, of: space)
        let plan: Plan?
        do throws(Failure) { plan = try await rehearsed(text.bytes, space, home, loaded, workshop) } catch {
            var failure = error
            failure.hint = error.hint.map { workshop.lines.complete($0, of: space) }
            throw failure
        }
        guard try await agreed(lines, space) else { throw nothingWritten }
        try file.write(text.bytes)
        tell(of: space, plan, asked)
        return 0
    }

    private var nothingWritten: Failure { Failure(.usage, "nothing was written") }

    private func home() async throws(Failure) -> Home {
        let home = Home(try await LocalSource.open(at: world.directory), world.directory)
        guard home.source.workTree != nil else {
            throw Failure(
                .usage, "\(home.top) is a bare repository: there is no place for a .spacesync in it",
                hint: "git -C \(home.top) config space.OWNER/NAME.branch BRANCH:main")
        }
        return home
    }

    /// The settings so far, which must be right, and the Space that is meant.
    private func loaded(_ home: Home) async throws(Failure) -> LoadedSettings {
        let loader = SettingsLoader(world, arguments)
        let names = arguments.words + arguments.values(.space)
        guard names.count < 2 else {
            throw Failure(.usage, "init takes one Space", hint: "run it once for each")
        }
        if names.isEmpty {
            _ = try await loader.load([])
            return try await loader.load([try await askedName(home)])
        }
        return try await loader.load(names)
    }

    private func askedName(_ home: Home) async throws(Failure) -> String {
        guard world.canAsk, !arguments.has(.yes) else {
            throw Failure(.usage, "which Space is it?", hint: "spacesync init owner/name")
        }
        let folder = URL(fileURLWithPath: home.top).lastPathComponent
        let offer = Accounts(world).onlyOwner.flatMap { owner in
            SpaceName.made(of: folder).map { "\(owner)/\($0)" }
        }
        guard let name = await Question(world).line("Space (owner/name)", offering: offer) else {
            throw nothingWritten
        }
        return name
    }

    /// The flags alone, as a target.
    private func asked(of space: SpaceID) throws(Failure) -> Target {
        let settings = Settings(layers: try arguments.layers(), named: [space])
        guard settings.problems.isEmpty else { throw .settings(settings.problems) }
        return settings.targets.first ?? Target(space: space)
    }

    private func lines(
        _ asked: Target, _ home: Home, _ workshop: Workshop
    ) async throws(Failure) -> [SettingLine] {
        var lines = SettingLine.asked(for: asked)
        guard asked.source == nil else { return lines }
        var revision = asked.revision
        if !lines.contains(where: { $0.key == "branch" }) {
            let current = try? await home.source.snapshot(of: nil).branch
            if let line = BranchGuess.line(among: await home.source.names(), current: current ?? nil) {
                lines.insert(line, at: 0)
                revision = BranchMapping(line.value)?.source
            }
        }
        let snapshot = try await home.source.snapshot(of: revision)
        let guess = try await TargetGuess(asked, snapshot, in: try await store(home, workshop))
        return lines + (try await guess.lines())
    }

    private func store(_ home: Home, _ workshop: Workshop) async throws(Failure) -> ObjectStore {
        try await workshop.cache.store(for: "init", joining: [home.source.objects])
    }

    /// Reads what would be written as a run would, and composes it.
    /// - Returns: what a first push would send; nil when the source is elsewhere.
    private func rehearsed(
        _ text: [UInt8], _ space: SpaceID, _ home: Home, _ loaded: LoadedSettings, _ workshop: Workshop
    ) async throws(Failure) -> Plan? {
        let origin = SettingOrigin.travelling(".spacesync")
        let file = try SettingsFile(text, origin: origin, standing: .ownWorkTree)
        file.warnings.forEach { voice.warn($0.description) }
        var layers: [Layer] = []
        for layer in loaded.layers {
            switch layer.origin {
            case .flag, .travelling: continue
            case .file, .repository: layers.append(layer)
            }
        }
        let settings = Settings(layers: layers + [file.layer], named: [space], owner: space.owner)
        guard settings.problems.isEmpty else { throw .settings(settings.problems) }
        guard let target = settings.targets.first(where: { $0.space == space }), target.source == nil else {
            return nil
        }
        let snapshot = try await home.source.snapshot(of: target.revision)
        return try await rehearse(target, snapshot, in: try await store(home, workshop))
    }

    private func refuse(
        _ existing: [(number: Int, text: String)], _ space: SpaceID, _ lines: [SettingLine]
    ) throws(Failure) {
        guard let header = existing.first, !arguments.has(.rewrite) else { return }
        let details = lines.map { line in
            let key = line.key.lowercased()
            let place = existing.last { $0.text.lowercased().prefix { $0.isLetter } == key }
            let where_ = place.map { "line \($0.number) (\($0.text))" } ?? "below line \(header.number)"
            return "\(where_): \(line.key) = \(line.value)"
        }
        throw Failure(
            .settings, ".spacesync line \(header.number): there is a section for \(space) already",
            details: ["it would be written so:"] + details,
            hint: "change these lines, or give --force to replace the section")
    }

    private func agreed(_ lines: [SettingLine], _ space: SpaceID) async throws(Failure) -> Bool {
        guard world.canAsk, !arguments.has(.yes), !arguments.has(.json) else { return true }
        var text = SettingsText([])
        text.add(lines, of: space)
        voice.note("")
        String(decoding: text.bytes, as: UTF8.self).split(separator: "\n").dropFirst(2).forEach {
            voice.note(String($0))
        }
        voice.note("")
        return await Question(world).confirm("Write this to .spacesync?")
    }

    private func tell(of space: SpaceID, _ plan: Plan?, _ asked: Target) {
        let next = "spacesync plan \(space)"
        if arguments.has(.json) {
            let fields: [(String, OrderedJSON)] = [
                ("event", .string("result")), ("space", .optional(space)), ("path", .string(".spacesync")),
                ("next", .string(next)), ("exit", .int(0)),
            ]
            return world.out.write(OrderedJSON.object(fields).description + "\n")
        }
        let files = plan.map { " Files to deploy: \($0.changes.count)." } ?? ""
        voice.note("-----> Wrote .spacesync.\(files)")
        voice.note("next: \(next)")
        voice.note("then: spacesync push \(space)" + (asked.create == nil ? " --create" : ""))
    }
}

/// A Space's name made of a folder's.
enum SpaceName {
    static func made(of folder: String) -> String? {
        let name = folder.map { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") ? $0 : "-" }
        let words = String(name).split(separator: "-").joined(separator: "-")
        return SpaceID.isValid(words) ? words : nil
    }
}

/// `.spacesync` at the top of a work tree.
private struct SettingsPlace {
    private let path: String

    init(_ top: String) { path = (top.hasSuffix("/") ? String(top.dropLast()) : top) + "/.spacesync" }

    /// - Throws: kind `settings` for a link or a directory.
    func read() throws(Failure) -> [UInt8] {
        let type = try? FileManager.default.attributesOfItem(atPath: path)[.type] as? FileAttributeType
        guard let type else { return [] }
        guard type == .typeRegular, let bytes = readFile(path, limit: ConfigText.limit) else {
            throw Failure(
                .settings, ".spacesync is no plain file, or cannot be read",
                hint: "move it away, or write the section by hand")
        }
        return bytes
    }

    func write(_ bytes: [UInt8]) throws(Failure) {
        let old = try? FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? UInt
        do throws(FileTrouble) {
            try writeAtomically(Data(bytes), to: path, mode: old.map { mode_t($0) })
        } catch {
            let failure = Failure(
                .usage, ".spacesync cannot be written", details: [error.words],
                hint: "may you write to the repository's folder?")
            throw error.failure(writing: path, else: failure)
        }
    }
}
