import Documentation
import HubAPI
import Reporting
import SpacesModel
import TextTools

/// The command `visibility`: shows or changes the visibility of a Space.
struct VisibilityCommand: Sendable {
    static let command = Command(
        .visibility, flags: [.yes] + Flag.spaceCommand
    ) { (invocation) async throws(DeployError) in
        let positionals = try invocation.positionals(1...2, like: "visibility owner/name private")
        let desired = positionals.count > 1 ? try Visibility.read(positionals[1], of: positionals[0]) : nil
        let context = try await SpaceCommandContext(invocation, [positionals[0]])
        return try await VisibilityCommand(context: context, space: context.space(), desired: desired).run()
    }

    let context: SpaceCommandContext
    let space: SpaceID
    let desired: Visibility?

    func run() async -> Int {
        await context.withSpace(space) { (hub, _) async throws(DeployError) in
            let present = try await hub.visibility()
            guard let desired, desired.rawValue != present else { return print(present) }
            if desired.showsMore(than: Visibility(rawValue: present)) {
                try await context.checkExposure(of: space, to: desired)
                try await Confirmation(context, space).require(
                    "Make \(space) \(desired.rawValue)", ["\(desired.rawValue): \(desired.explanation)"],
                    line: "visibility \(space) \(desired.rawValue)")
            }
            try await hub.setVisibility(desired.rawValue)
            print(desired.rawValue)
        }
    }

    private func print(_ visibility: String) {
        context.results.write(
            space, text: ["\(space) \(visibility.visible)"], quiet: visibility,
            json: ["visibility": .string(visibility)])
    }
}

/// The visibility of a Space, the most restricted first.
enum Visibility: String, CaseIterable, Sendable {
    case `private`, protected, `public`

    /// Parses a visibility.
    /// - Throws: kind `usage` if it is unknown.
    static func read(_ text: String, of space: String) throws(DeployError) -> Visibility {
        if let known = Visibility(rawValue: text.lowercased()) { return known }
        let near = nearest(text, among: allCases.map(\.rawValue)) ?? "private"
        throw DeployError(
            .usage, "\"\(text)\" is not a valid visibility; use public, private or protected",
            hint: "spacesync visibility \(space) \(near)")
    }

    /// Whether this visibility exposes more than `other`. If `other` is `nil` (unknown), all but
    /// `private` do.
    func showsMore(than other: Visibility?) -> Bool {
        guard let other, let index = Self.allCases.firstIndex(of: self),
            let otherIndex = Self.allCases.firstIndex(of: other)
        else { return self != .private }
        return index > otherIndex
    }

    var explanation: String {
        switch self {
        case .private: "only the owner can see it"
        case .protected: "everybody can see the app, only the owner can see the files"
        case .public: "everybody can see the app, files, variables and history"
        }
    }
}
