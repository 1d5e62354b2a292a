import Deploy
import DeploySettings
import Documentation
import Essentials
import Git
import Reporting
import SpacesModel
import TextTools

/// The command `init`: writes the section of one Space to `.spacesync`.
struct InitCommand: Sendable {
    static let command = Command(
        .initialize,
        flags: [space] + Flag.target.filter { ![.source, .config, .tokenFile].contains($0) }
            + [.create, .visibility, .timeout, rewrite, .yes]
    ) { (invocation) async throws(DeployError) in
        try await InitCommand(invocation: invocation).run()
    }

    private static let space = Flag("--space", value: "OWNER/NAME", "same as the argument SPACE")
    private static let rewrite = Flag("--force", "replace the existing section of this Space")

    let invocation: Invocation
    private var arguments: Arguments { invocation.arguments }
    private var environment: CommandEnvironment { invocation.environment }
    private var reporter: any Reporter { invocation.reporter }

    func run() async throws(DeployError) -> Int {
        let currentRepository = try await openRepository()
        let file = WorkTreeSettingsFile(currentRepository.top)
        let existingContent = try file.read()
        let loaded = try await loadSettings(currentRepository)
        guard let space = loaded.named.first else { return 0 }
        var editor = SettingsFileEditor(existingContent)
        let flagTarget = try targetFromFlags(of: space)
        let context = try RunContext(invocation, loaded)
        let lines = try await settingLines(flagTarget, currentRepository, context)
        try requireNoSection(editor.existingLines(of: space), space, lines)
        editor.remove(space)
        editor.add(lines, of: space)
        let plan: Plan?
        do throws(DeployError) {
            plan = try await previewPlan(editor.bytes, space, currentRepository, loaded, context)
        } catch {
            var completedError = error
            completedError.hint = error.hint.map { context.commandHints.complete($0, of: space) }
            throw completedError
        }
        guard try await confirm(lines, space) else { throw nothingWritten }
        try file.write(editor.bytes)
        printResult(of: space, plan, flagTarget)
        return 0
    }

    private var nothingWritten: DeployError { DeployError(.usage, "nothing was written") }

    private func openRepository() async throws(DeployError) -> CurrentRepository {
        let repository = CurrentRepository(
            try await LocalSource.open(at: environment.directory), environment.directory)
        guard repository.source.workTree != nil else {
            throw DeployError(
                .usage, "\(repository.top) is a bare repository, which cannot contain a .spacesync file",
                hint: "run git -C \(repository.top) config space.OWNER/NAME.branch BRANCH:main")
        }
        return repository
    }

    /// Loads the existing settings, which must be valid, for the Space that is named or prompted for.
    private func loadSettings(_ currentRepository: CurrentRepository) async throws(DeployError)
        -> ResolvedSettings
    {
        let loader = SettingsLoader(environment, arguments)
        let names = arguments.positionals + arguments.values(Self.space)
        guard names.count < 2 else {
            throw DeployError(.usage, "init accepts only one Space", hint: "run init once for each Space")
        }
        if names.isEmpty {
            _ = try await loader.load([])
            return try await loader.load([try await promptForName(currentRepository)])
        }
        return try await loader.load(names)
    }

    private func promptForName(_ currentRepository: CurrentRepository) async throws(DeployError) -> String {
        guard environment.canAsk, !arguments.has(.yes) else {
            throw DeployError(.usage, "no Space specified", hint: "spacesync init owner/name")
        }
        let folder = URL(fileURLWithPath: currentRepository.top).lastPathComponent
        let suggestion = TokenResolver(environment).onlyOwner.flatMap { owner in
            SpaceName.made(of: folder).map { "\(owner)/\($0)" }
        }
        guard let name = await Prompt(environment).readText("Space (owner/name)", offering: suggestion) else {
            throw nothingWritten
        }
        return name
    }

    /// Returns a target with the settings of the flags only.
    private func targetFromFlags(of space: SpaceID) throws(DeployError) -> Target {
        let settings = Settings(layers: try arguments.layers(), named: [space])
        try settings.throwIfInvalid()
        return settings.targets.first ?? Target(space: space)
    }

    private func settingLines(
        _ target: Target, _ currentRepository: CurrentRepository, _ context: RunContext
    ) async throws(DeployError) -> [SettingLine] {
        var lines = SettingLine.flagLines(for: target)
        guard target.source == nil else { return lines }
        var revision = target.revision
        if !lines.contains(where: { $0.key == "branch" }) {
            let current = try? await currentRepository.source.snapshot(of: nil).branch
            if let line = BranchDetector.line(
                among: await currentRepository.source.names(), current: current ?? nil)
            {
                lines.insert(line, at: 0)
                revision = BranchMapping(line.value)?.source
            }
        }
        let snapshot = try await currentRepository.source.snapshot(of: revision)
        let detector = try await TargetDetector(
            target, snapshot, in: try await store(currentRepository, context))
        return lines + (try await detector.lines())
    }

    private func store(_ currentRepository: CurrentRepository, _ context: RunContext)
        async throws(DeployError) -> ObjectStore
    {
        try await context.cache.store(for: "init", joining: [currentRepository.source.objects])
    }

    /// Parses the new settings as a later run would, and plans the Space with them.
    /// - Returns: the plan of a first push; `nil` if the settings name another source.
    private func previewPlan(
        _ text: [UInt8], _ space: SpaceID, _ currentRepository: CurrentRepository, _ loaded: ResolvedSettings,
        _ context: RunContext
    ) async throws(DeployError) -> Plan? {
        let file = try ConfigLayer(text, .sourceFile(".spacesync"), .ownWorkTree)
        file.warnings.forEach { reporter.send(.warning($0.description)) }
        var layers: [ConfigLayer] = []
        for layer in loaded.layers {
            switch layer.origin {
            case .flag, .sourceFile: continue
            case .file, .repository: layers.append(layer)
            }
        }
        let settings = Settings(layers: layers + [file], named: [space], owner: space.owner)
        try settings.throwIfInvalid()
        guard let target = settings.targets.first(where: { $0.space == space }), target.source == nil else {
            return nil
        }
        let deployer = try await TargetContext(target, context).offlineDeployer { _ in }
        return try await deployer.planForEmptySpace()
    }

    private func requireNoSection(
        _ existing: [(number: Int, text: String)], _ space: SpaceID, _ lines: [SettingLine]
    ) throws(DeployError) {
        guard let header = existing.first, !arguments.has(Self.rewrite) else { return }
        let details = lines.map { line in
            let key = line.key.lowercased()
            let existingLine = existing.last { $0.text.lowercased().prefix { $0.isLetter } == key }
            let position =
                existingLine.map { "line \($0.number) (\($0.text))" } ?? "below line \(header.number)"
            return "\(position): \(line.key) = \(line.value)"
        }
        throw DeployError(
            .settings, ".spacesync line \(header.number): \(space) already has a section",
            details: ["the new settings are:"] + details,
            hint: "change these lines, or use --force to replace the section")
    }

    private func confirm(_ lines: [SettingLine], _ space: SpaceID) async throws(DeployError) -> Bool {
        guard environment.canAsk, !arguments.has(.yes), !arguments.has(.json) else { return true }
        var editor = SettingsFileEditor([])
        editor.add(lines, of: space)
        reporter.send(.info(""))
        String(decoding: editor.bytes, as: UTF8.self).split(separator: "\n").dropFirst(2).forEach {
            reporter.send(.info(String($0)))
        }
        reporter.send(.info(""))
        return await Prompt(environment).confirmDefaultYes("Write this to .spacesync?")
    }

    private func printResult(of space: SpaceID, _ plan: Plan?, _ target: Target) {
        let next = "spacesync plan \(space)"
        if arguments.has(.json) {
            let fields: JSON.Object = [
                "event": .string("result"), "space": .optional(space), "path": .string(".spacesync"),
                "next": .string(next), "exit": .int(0),
            ]
            return environment.out.write(JSON.object(fields).text + "\n")
        }
        let files = plan.map { " Files to deploy: \($0.changes.count)." } ?? ""
        reporter.send(.info("-----> Wrote .spacesync.\(files)"))
        reporter.send(.info("next: \(next)"))
        reporter.send(.info("then: spacesync push \(space)" + (target.create == nil ? " --create" : "")))
    }
}

/// Space names made from folder names.
enum SpaceName {
    /// Returns the folder's name with invalid characters replaced by `-`; `nil` if no valid name
    /// remains.
    static func made(of folder: String) -> String? {
        let name = folder.map { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") ? $0 : "-" }
        let collapsedName = String(name).split(separator: "-").joined(separator: "-")
        return SpaceID.isValid(collapsedName) ? collapsedName : nil
    }
}

/// The file `.spacesync` at the top of a work tree.
private struct WorkTreeSettingsFile {
    private let path: String

    init(_ top: String) { path = (top.hasSuffix("/") ? String(top.dropLast()) : top) + "/.spacesync" }

    /// Returns the content of the file; empty if it does not exist.
    /// - Throws: kind `settings` if it is not a regular file (a link or a directory), or cannot be read.
    func read() throws(DeployError) -> [UInt8] {
        let type = try? FileManager.default.attributesOfItem(atPath: path)[.type] as? FileAttributeType
        guard let type else { return [] }
        guard type == .typeRegular, let bytes = readFile(path, limit: ConfigLinter.limit) else {
            throw DeployError(
                .settings, ".spacesync is not a regular file, or cannot be read",
                hint: "rename it, or add the section manually")
        }
        return bytes
    }

    func write(_ bytes: [UInt8]) throws(DeployError) {
        let oldMode = try? FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? UInt
        do throws(FileError) {
            try writeAtomically(Data(bytes), to: path, mode: oldMode.map { mode_t($0) })
        } catch {
            let failure = DeployError(
                .usage, ".spacesync cannot be written", details: [error.message],
                hint: "check that you can write to the repository's directory")
            throw error.failure(writing: path, else: failure)
        }
    }
}
