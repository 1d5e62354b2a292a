import DeploySettings
import Git
import SpacesModel

/// Which Spaces the branches of a repository go to, as its hook would read it.
struct BranchBindings: Sendable {
    struct Binding: Hashable, Sendable {
        var branch: String
        var space: SpaceID
        /// The branch was not pushed yet.
        var isMissing = false
    }

    private(set) var bindings: [Binding] = []
    /// Spaces that a travelling file binds, and may not.
    private(set) var refused: [RejectedTarget] = []
    /// Settings that cannot be read, each once, with the branch they came with.
    private(set) var failures: [(branch: String, failure: DeployError)] = []
    /// For the tokens of those Spaces.
    private(set) var loaded: ResolvedSettings?
    /// Branches that are looked at.
    private static let maxBranches = 200

    init(of repository: HookRepository, _ invocation: Invocation) async {
        var world = invocation.environment
        world.directory = repository.gitDirectory
        // As the hook itself finds it: named by Git.
        world.variables["GIT_DIR"] = repository.gitDirectory
        let loader = SettingsLoader(world, invocation.arguments)
        let head = await repository.source.headName()
        let branches = await repository.source.branches()
        for branch in branches.prefix(Self.maxBranches) { await addBindings(at: branch, loader, head) }
        // What the operator binds to branches that are still to come.
        guard let settings = try? await loader.load([]) else { return }
        loaded = loaded ?? settings
        let names = Set(branches.map(\.name))
        for target in settings.targets where target.source == nil && !target.manual {
            guard let name = target.revision ?? head, !names.contains(name) else { continue }
            let isTag =
                await repository.source.tip(of: name.hasPrefix("refs/") ? name : "refs/tags/\(name)") != nil
            bindings.append(Binding(branch: name, space: target.space, isMissing: !isTag))
        }
    }

    private mutating func addBindings(
        at branch: (name: String, commit: ObjectID), _ loader: SettingsLoader, _ head: String?
    ) async {
        var loader = loader
        loader.pushedCommit = branch.commit.description
        do throws(DeployError) {
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
