import DeploySettings
import Git
import SpacesModel

/// What a hook needs besides itself, and the lines that give it.
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

    /// `git -C /srv/git/web.git config`.
    var config: String { "git -C \(CommandHints.quoted(repository.gitDirectory)) config" }

    /// What is wanting, each with lines to type.
    var issues: [(text: String, lines: [String])] {
        var wants = bindings.failures.map {
            (text: "\($0.branch): \($0.failure.message)", lines: lines($0.failure))
        }
        wants += bindings.refused.map { (text: $0.failure.message, lines: lines($0.failure)) }
        if bindings.bindings.isEmpty {
            wants.append(
                (
                    text: "no branch of this repository is bound to a Space: nothing is deployed yet",
                    lines: ["\(config) space.owner/name.branch main"]
                ))
        }
        return wants + tokenIssues
    }

    private func lines(_ failure: DeployError) -> [String] {
        (failure.hint ?? "").split(separator: "\n").map { String($0).replacing("git config", with: config) }
    }

    /// The environment of a shell is not that of a hook.
    private var tokenIssues: [(text: String, lines: [String])] {
        guard let loaded = bindings.loaded else { return [] }
        let accounts = TokenResolver(environment, loaded.operators)
        var wants: [(text: String, lines: [String])] = []
        for owner in Set(bindings.bindings.map(\.space.owner)).sorted() {
            guard let space = bindings.bindings.first(where: { $0.space.owner == owner })?.space else {
                continue
            }
            let line = "\(config) account.\(owner).token file:/path/to/token"
            do throws(DeployError) {
                if try accounts.specificToken(space) != nil, loaded.operators.accounts.hasToken(of: space) {
                    continue
                }
                var known = try accounts.specificToken(space)
                if known == nil { known = try accounts.defaultToken() }
                guard let found = known else {
                    wants.append((text: "no Hub token is in reach for the Spaces of \(owner)", lines: [line]))
                    continue
                }
                guard !found.origin.hasPrefix("/") else { continue }
                wants.append(
                    (
                        text:
                            "the token of \(owner) comes from the environment (\(found.origin)), which a hook "
                            + "may not have",
                        lines: [line]
                    ))
            } catch {
                wants.append((text: error.message, lines: [line]))
            }
        }
        return wants
    }
}

extension [String: TokenReference] {
    /// In a file, which every caller finds.
    fileprivate func hasToken(of space: SpaceID) -> Bool {
        let found = self[space.description.lowercased()] ?? self[space.owner.lowercased()]
        if case .file = found { return true }
        return false
    }
}
