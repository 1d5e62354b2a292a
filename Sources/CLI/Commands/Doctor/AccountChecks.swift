import Essentials
import HTTP
import HubAPI
import SpacesModel

/// Every token in reach: whose it is, and what it may do.
struct AccountChecks: Sendable {
    private let context: RunContext

    init(_ context: RunContext) { self.context = context }

    /// - Parameter hubAnswers: false: it was asked before, in vain.
    func all(isHubReachable: Bool) async -> [DoctorCheck] {
        var found: [DoctorCheck] = []
        for (name, place) in context.accounts.configuredTokens {
            switch place {
            case .success(let token) where !isHubReachable: found.append(unverifiedToken(token, name))
            case .success(let token): found += await checkToken(token, "\(token.origin) (\(name))", name)
            case .failure(let failure): found.append(DoctorCheck("token", failure))
            }
        }
        do throws(DeployError) {
            if let general = try context.accounts.defaultToken() {
                found +=
                    isHubReachable
                    ? await checkToken(general, general.origin, nil) : [unverifiedToken(general, nil)]
            }
        } catch {
            found.append(DoctorCheck("token", error))
        }
        if found.isEmpty {
            found.append(
                DoctorCheck(
                    "token", .warning, "none in reach: public Spaces can be planned, nothing can be deployed",
                    fix: (context.accounts.hasBareUser
                        ? "HF_USER holds a name without a token: write name:token there, or " : "")
                        + "make one with write access at \(context.endpoint)/settings/tokens and set HF_TOKEN"
                )
            )
        }
        if context.environment["GITHUB_TOKEN"] != nil { found.append(await gitHub()) }
        return found
    }

    private func unverifiedToken(_ token: TokenResolver.FoundToken, _ name: String?) -> DoctorCheck {
        DoctorCheck(
            "token", .warning,
            "\(token.origin)\(name.map { " (\($0))" } ?? ""): not asked about, as the Hub does not answer")
    }

    private func checkToken(_ token: TokenResolver.FoundToken, _ label: String, _ owner: String?) async
        -> [DoctorCheck]
    {
        do throws(DeployError) {
            let vitals = try await context.hub(token.secret, nil).fetchHealth()
            guard let account = vitals.account else {
                return [DoctorCheck("token", .warning, "\(label): the Hub does not tell whose it is")]
            }
            let quota = vitals.quota.map { DoctorCheck(quota: $0, of: "for \(account.name)") }
            return [tokenCheck(account, label, owner), quota].compactMap { $0 }
        } catch {
            var checkup = DoctorCheck("token", error)
            checkup.text = "\(label): \(error.message)"
            return [checkup]
        }
    }

    private func tokenCheck(_ account: Account, _ label: String, _ owner: String?) -> DoctorCheck {
        let role = account.tokenRole.map { $0 == "fineGrained" ? "fine-grained" : $0 } ?? "of an unknown role"
        let plan = account.isPro ? ", PRO" : ""
        var checkup = DoctorCheck("token", .good, "\(label): \(account.name), \(role)\(plan)")
        let organizations = account.organizations.map { organization in
            organization.name + (organization.plan.map { " (\($0))" } ?? "")
        }
        if !organizations.isEmpty { checkup.text += "; member of \(organizations.joined(separator: ", "))" }
        if let expiry = account.tokenExpires { addExpiry(expiry, &checkup) }
        if account.tokenRole == "read" {
            (checkup.status, checkup.fix) = (.warning, "it cannot deploy: make one with write access")
        }
        guard let name = owner?.split(separator: "/").first.map({ $0.lowercased() }),
            name != account.name.lowercased(),
            !account.organizations.contains(where: { $0.name.lowercased() == name })
        else { return checkup }
        checkup.status = .warning
        checkup.fix =
            "the settings say it is \(name)'s, who is neither \(account.name) nor one of their organisations"
        return checkup
    }

    private func addExpiry(_ expiry: String, _ checkup: inout DoctorCheck) {
        checkup.text += ", until \(expiry.prefix(10))"
        guard let date = Date(hub: expiry), Expiry.isNear(date) else { return }
        (checkup.status, checkup.fix) = (.warning, "make a new one before it ends")
    }

    /// `GET /rate_limit` costs nothing of the limit
    /// (https://docs.github.com/en/rest/rate-limit/rate-limit).
    private func gitHub() async -> DoctorCheck {
        let named = try? RemoteURL(context.environment["GITHUB_SERVER_URL"] ?? "https://github.com")
        guard let named, named.user == nil else {
            return DoctorCheck(
                "github", .bad(.settings), "GITHUB_SERVER_URL is not the URL of a GitHub server")
        }
        let server = named.origin.description
        let api = server == "https://github.com" ? "https://api.github.com" : server + "/api/v3"
        guard let url = URL(string: api + "/rate_limit"), let origin = Origin(url),
            origin.scheme == "https" || origin.isLoopback
        else { return DoctorCheck("github", .bad(.settings), "GITHUB_SERVER_URL is no URL of a GitHub") }
        return await DoctorCheck.run("github") { () async throws(DeployError) in
            let text = TokenText(
                context.environment["GITHUB_TOKEN"] ?? "", from: "GITHUB_TOKEN",
                for: .host(origin.host, isHub: false))
            guard let token = try text.secret() else {
                return DoctorCheck("github", .warning, "GITHUB_TOKEN is empty")
            }
            let request = HTTPClientRequest(
                "GET", url, authorization: .bearer(token), isRepeatable: true, responseLimit: 1 << 20)
            let answer: HTTPClientResponse
            do throws(HTTPError) { answer = try await context.client { _ in }.send(request) } catch {
                return DoctorCheck(
                    "github", .warning, "\(origin) was not reached to ask about GITHUB_TOKEN: \(error.reason)"
                )
            }
            switch answer.status {
            case 200: return DoctorCheck("github", .good, "GITHUB_TOKEN is valid at \(server)")
            case 401:
                return DoctorCheck(
                    "github", .bad(.permissionDenied),
                    "\(server) refuses GITHUB_TOKEN: it is wrong or has expired",
                    fix: "make a new one that may read contents: \(server)/settings/tokens")
            default:
                return DoctorCheck(
                    "github", .warning, "\(origin) answers status \(answer.status) about GITHUB_TOKEN")
            }
        }
    }
}
