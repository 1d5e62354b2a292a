import DeploySettings
import Git
import SpacesModel

/// The Spaces that the branches of a repository are deployed to, as the repository's hook reads the
/// settings.
struct BranchBindings: Sendable {
    struct Binding: Hashable, Sendable {
        var branch: String
        var space: SpaceID
        /// Whether the branch has not been pushed yet.
        var isMissing = false
    }

    private(set) var bindings: [Binding] = []
    /// Targets bound by a .spacesync file that is not trusted to bind them.
    private(set) var refused: [RejectedTarget] = []
    /// Settings that cannot be read, each once, with the branch that has them.
    private(set) var failures: [(branch: String, failure: DeployError)] = []
    /// The settings that the tokens of the Spaces are resolved with.
    private(set) var loaded: ResolvedSettings?
    /// The maximum number of branches that are read.
    private static let maxBranches = 200

    init(of repository: HookRepository, _ invocation: Invocation) async {
        var environment = invocation.environment
        environment.directory = repository.gitDirectory
        // The hook itself finds the repository by the `GIT_DIR` that Git sets.
        environment.variables["GIT_DIR"] = repository.gitDirectory
        let loader = SettingsLoader(environment, invocation.arguments)
        let head = await repository.source.headName()
        let branches = await repository.source.branches()
        for branch in branches.prefix(Self.maxBranches) { await addBindings(at: branch, loader, head) }
        // The operator's settings may bind branches that have not been pushed yet.
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
    /// Whether a push of one of these branches (or tags) deploys this target: the source is the
    /// repository, and its branch (HEAD's if none is set) is among the names.
    func isBound(toAnyOf names: [String], head: String?) -> Bool {
        source == nil && !manual && (revision ?? head).map(names.contains) == true
    }
}
