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

    /// Whether a push of one of these branches (or tags) deploys this target: the source is the
    /// repository, and its branch (HEAD's if none is set) is among the names.
    static func binds(_ target: Target, toAnyOf names: [String], head: String?) -> Bool {
        target.source == nil && !target.manual && (target.revision ?? head).map(names.contains) == true
    }

    private mutating func addBindings(
        at branch: (name: String, commit: ObjectID), _ loader: SettingsLoader, _ head: String?
    ) async {
        var loader = loader
        loader.pushedCommit = branch.commit.description
        do throws(DeployError) {
            let settings = try await loader.load([])
            loaded = loaded ?? settings
            bindings += settings.targets.filter { Self.binds($0, toAnyOf: [branch.name], head: head) }.map {
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

/// The missing prerequisites of a hook, with the commands that fix them.
struct HookDiagnostics: Sendable {
    let repository: HookRepository
    let bindings: BranchBindings
    let advertisesPushOptions: Bool
    private let environment: CommandEnvironment

    init(of repository: HookRepository, _ invocation: Invocation) async {
        (self.repository, environment) = (repository, invocation.environment)
        bindings = await BranchBindings(of: repository, invocation)
        advertisesPushOptions = await repository.source.isSet("receive.advertisePushOptions")
    }

    /// The start of the commands: `git -C /srv/git/web.git config`.
    var config: String { "git -C \(CommandHints.quoted(repository.gitDirectory)) config" }

    /// The problems, each with the commands that fix it.
    var issues: [(text: String, lines: [String])] {
        var issues = bindings.failures.map {
            (text: "\($0.branch): \($0.failure.message)", lines: lines($0.failure))
        }
        issues += bindings.refused.map { (text: $0.failure.message, lines: lines($0.failure)) }
        if bindings.bindings.isEmpty {
            issues.append(
                (
                    text: "no branch of this repository is bound to a Space: nothing is deployed yet",
                    lines: ["\(config) space.owner/name.branch main"]
                ))
        }
        return issues + tokenIssues
    }

    private func lines(_ failure: DeployError) -> [String] {
        (failure.hint ?? "").split(separator: "\n").map { String($0).replacing("git config", with: config) }
    }

    /// Problems with tokens: a hook does not have the environment of the shell.
    private var tokenIssues: [(text: String, lines: [String])] {
        guard let loaded = bindings.loaded else { return [] }
        let accounts = TokenResolver(environment, loaded.operators)
        var issues: [(text: String, lines: [String])] = []
        for owner in Set(bindings.bindings.map(\.space.owner)).sorted() {
            guard let space = bindings.bindings.first(where: { $0.space.owner == owner })?.space else {
                continue
            }
            let line = "\(config) account.\(owner).token file:/path/to/token"
            do throws(DeployError) {
                if try accounts.specificToken(space) != nil, Self.hasTokenFile(of: space, loaded.operators) {
                    continue
                }
                var found = try accounts.specificToken(space)
                if found == nil { found = try accounts.defaultToken() }
                guard let token = found else {
                    issues.append(
                        (text: "no Hub token found for the Spaces of \(owner)", lines: [line]))
                    continue
                }
                guard !token.origin.hasPrefix("/") else { continue }
                issues.append(
                    (
                        text:
                            "the token of \(owner) comes from the environment (\(token.origin)), which may "
                            + "not be available to a hook",
                        lines: [line]
                    ))
            } catch {
                issues.append((text: error.message, lines: [line]))
            }
        }
        return issues
    }

    /// Whether the token is in a file, which the hook can read independently of its environment.
    private static func hasTokenFile(of space: SpaceID, _ operators: OperatorSettings) -> Bool {
        let accounts = operators.accounts
        let reference = accounts[space.description.lowercased()] ?? accounts[space.owner.lowercased()]
        if case .file = reference { return true }
        return false
    }
}
