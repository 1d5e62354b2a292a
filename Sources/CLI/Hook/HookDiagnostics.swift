import DeploySettings
import Git
import SpacesModel

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
                if try accounts.specificToken(space) != nil, loaded.operators.accounts.hasToken(of: space) {
                    continue
                }
                var found = try accounts.specificToken(space)
                if found == nil { found = try accounts.defaultToken() }
                guard let token = found else {
                    issues.append(
                        (text: "no Hub token is in reach for the Spaces of \(owner)", lines: [line]))
                    continue
                }
                guard !token.origin.hasPrefix("/") else { continue }
                issues.append(
                    (
                        text:
                            "the token of \(owner) comes from the environment (\(token.origin)), which a hook "
                            + "may not have",
                        lines: [line]
                    ))
            } catch {
                issues.append((text: error.message, lines: [line]))
            }
        }
        return issues
    }
}

extension [String: TokenReference] {
    /// Whether the token is in a file, which the hook can read independently of its environment.
    fileprivate func hasToken(of space: SpaceID) -> Bool {
        let reference = self[space.description.lowercased()] ?? self[space.owner.lowercased()]
        if case .file = reference { return true }
        return false
    }
}
