import DeploySettings
import Git
import SpacesModel

/// Which Spaces the branches of a repository go to, as its hook would read it.
struct HookBindings: Sendable {
    struct Binding: Hashable, Sendable {
        var branch: String
        var space: SpaceID
        /// The branch was not pushed yet.
        var isMissing = false
    }

    private(set) var bindings: [Binding] = []
    /// Spaces that a travelling file binds, and may not.
    private(set) var refused: [RefusedTarget] = []
    /// Settings that cannot be read, each once, with the branch they came with.
    private(set) var failures: [(branch: String, failure: Failure)] = []
    /// For the tokens of those Spaces.
    private(set) var loaded: LoadedSettings?
    /// Branches that are looked at.
    private static let most = 200

    init(of house: HookHouse, _ invocation: Invocation) async {
        var world = invocation.world
        world.directory = house.repository
        // As the hook itself finds it: named by Git.
        world.environment["GIT_DIR"] = house.repository
        let loader = SettingsLoader(world, invocation.arguments)
        let head = await house.source.headName()
        let branches = await house.source.branches()
        for branch in branches.prefix(Self.most) { await look(at: branch, loader, head) }
        // What the operator binds to branches that are still to come.
        guard let settings = try? await loader.load([]) else { return }
        loaded = loaded ?? settings
        let names = Set(branches.map(\.name))
        for target in settings.targets where target.source == nil && !target.manual {
            guard let name = target.revision ?? head, !names.contains(name) else { continue }
            let isTag =
                await house.source.tip(of: name.hasPrefix("refs/") ? name : "refs/tags/\(name)") != nil
            bindings.append(Binding(branch: name, space: target.space, isMissing: !isTag))
        }
    }

    private mutating func look(
        at branch: (name: String, commit: ObjectID), _ loader: SettingsLoader, _ head: String?
    ) async {
        var loader = loader
        loader.pushedCommit = branch.commit.description
        do throws(Failure) {
            let settings = try await loader.load([])
            loaded = loaded ?? settings
            bindings += settings.targets.filter { $0.isBound(toAnyOf: [branch.name], head: head) }.map {
                Binding(branch: branch.name, space: $0.space)
            }
            refused += settings.refused.filter {
                $0.isBound(toAnyOf: [branch.name], head: head) && !refused.contains($0)
            }
        } catch {
            let failure = error
            if !failures.contains(where: { $0.failure == failure }) {
                failures.append((branch.name, failure))
            }
        }
    }
}

extension Target {
    /// Whether a push of this branch (or tag) deploys it: its source is the repository, and its branch is the one that
    /// was pushed (HEAD's when it names none).
    func isBound(toAnyOf names: [String], head: String?) -> Bool {
        source == nil && !manual && (revision ?? head).map(names.contains) == true
    }
}
