import Documentation
import HubAPI
import Reporting
import SpacesModel

/// The command `duplicate`: copies a Space with its files and variables.
struct DuplicateCommand: Sendable {
    static let command = Command(
        .duplicate, flags: SpaceCreationOptions.flags + Flag.spaceCommand, ignoredFlags: [.type]
    ) { (invocation) async throws(DeployError) in
        let positionals = try invocation.positionals(2...2, like: "duplicate owner/name owner/copy")
        let options = try await SpaceCreationOptions(
            invocation.arguments, in: invocation.environment,
            like: "spacesync duplicate \(positionals[0]) \(positionals[1])")
        let context = try await SpaceCommandContext(invocation, positionals)
        let (from, to) = try context.twoSpaces()
        context.checkFiles(of: options.secrets)
        return await DuplicateCommand(context: context, from: from, to: to, options: options).run()
    }

    let context: SpaceCommandContext
    let from: SpaceID
    let to: SpaceID
    let options: SpaceCreationOptions

    func run() async -> Int {
        await context.withSpace(to) { (hub, _) async throws(DeployError) in
            try await options.confirmCosts(context, to, hub.hub, line: commandLine)
            let original = HubSpace(hub.hub, from)
            if options.visibility != .private { try await confirmExposure(of: original) }
            if !options.secrets.isEmpty {
                try context.checkFree(
                    options.secrets.map(\.name), of: from, amid: Array(try await original.variables().keys),
                    "variable"
                ) { "remove --secret \($0) or use another name, because the copy includes the variable" }
            }
            let creation = try await original.duplicate(
                to: to, visibility: options.visibility.rawValue, hardware: options.hardware,
                sleepTime: options.sleep, secrets: options.newSecrets, variables: options.newVariables)
            try options.printResult(creation, to, context)
            guard case .created = creation else { return }
            await warnOfUncopiedSecrets(of: original)
        }
    }

    /// The command for hints, without `spacesync`.
    private var commandLine: String { "duplicate \(from) \(to)\(options.commandLineFlags)" }

    /// Checks a copy that more people can see than the original, and requires confirmation for that
    /// of a private Space.
    private func confirmExposure(of original: HubSpace) async throws(DeployError) {
        let visibility = options.visibility
        if visibility.showsMore(than: Visibility(rawValue: try await original.visibility())) {
            try await context.checkExposure(of: from, as: to, to: visibility)
        }
        guard try await original.info().isPrivate else { return }
        try await Confirmation(context, to).require(
            "Copy the private Space \(from) to a \(visibility.rawValue) Space",
            ["everybody can then see what is now private in \(from)"], line: commandLine)
    }

    /// Warns about secrets that the copy lacks. The Hub does not list the secrets of another
    /// owner's Space.
    private func warnOfUncopiedSecrets(of original: HubSpace) async {
        guard let secrets = try? await original.secrets() else {
            return context.log("secrets are not copied: spacesync secrets set \(to) NAME", about: to)
        }
        let missing = secrets.map(\.name).filter { name in
            !options.secrets.contains { $0.name == name }
        }
        guard !missing.isEmpty else { return }
        context.warn(
            "secrets are not copied; \(to) does not have \(missing.joined(separator: ", ").visible): "
                + "spacesync secrets set \(to) \(missing[0].visible)")
    }
}
