import Essentials
import HTTP
import HubAPI
import SpacesModel

/// Checks of every configured token: its account, role, quota and expiry date.
struct AccountChecks: Sendable {
    private let context: RunContext

    init(_ context: RunContext) { self.context = context }

    /// - Parameter isHubReachable: false if an earlier request to the Hub failed.
    func all(isHubReachable: Bool) async -> [DoctorCheck] {
        var checks: [DoctorCheck] = []
        for (name, result) in context.accounts.configuredTokens {
            switch result {
            case .success(let token) where !isHubReachable: checks.append(unverifiedToken(token, name))
            case .success(let token): checks += await checkToken(token, "\(token.origin) (\(name))", name)
            case .failure(let failure): checks.append(DoctorCheck("token", failure))
            }
        }
        do throws(DeployError) {
            if let defaultToken = try context.accounts.defaultToken() {
                checks +=
                    isHubReachable
                    ? await checkToken(defaultToken, defaultToken.origin, nil)
                    : [unverifiedToken(defaultToken, nil)]
            }
        } catch {
            checks.append(DoctorCheck("token", error))
        }
        if checks.isEmpty {
            checks.append(
                DoctorCheck(
                    "token", .warning,
                    "no Hub token found: public Spaces can be planned, but nothing can be deployed",
                    fix: (context.accounts.hasBareUser
                        ? "HF_USER contains a name without a token: set it to name:token, or " : "")
                        + "create one with write access at \(context.endpoint)/settings/tokens and set HF_TOKEN"
                )
            )
        }
        if context.environment["GITHUB_TOKEN"] != nil { checks.append(await gitHub()) }
        return checks
    }

    private func unverifiedToken(_ token: TokenResolver.FoundToken, _ name: String?) -> DoctorCheck {
        DoctorCheck(
            "token", .warning,
            "\(token.origin)\(name.map { " (\($0))" } ?? ""): not checked, because the Hub does not respond")
    }

    private func checkToken(_ token: TokenResolver.FoundToken, _ label: String, _ owner: String?) async
        -> [DoctorCheck]
    {
        do throws(DeployError) {
            let health = try await context.hub(token.secret, nil).fetchHealth()
            guard let account = health.account else {
                return [DoctorCheck("token", .warning, "\(label): the Hub does not report its account")]
            }
            let quota = health.quota.map { DoctorCheck(quota: $0, of: "for \(account.name)") }
            return [tokenCheck(account, label, owner), quota].compactMap { $0 }
        } catch {
            var check = DoctorCheck("token", error)
            check.text = "\(label): \(error.message)"
            return [check]
        }
    }

    private func tokenCheck(_ account: Account, _ label: String, _ owner: String?) -> DoctorCheck {
        let role = account.tokenRole.map { $0 == "fineGrained" ? "fine-grained" : $0 } ?? "unknown role"
        let plan = account.isPro ? ", PRO" : ""
        var check = DoctorCheck("token", .good, "\(label): \(account.name), \(role)\(plan)")
        let organizations = account.organizations.map { organization in
            organization.name + (organization.plan.map { " (\($0))" } ?? "")
        }
        if !organizations.isEmpty { check.text += "; member of \(organizations.joined(separator: ", "))" }
        if let expiry = account.tokenExpires { addExpiry(expiry, &check) }
        if account.tokenRole == "read" {
            (check.status, check.fix) = (.warning, "a read token cannot deploy: create one with write access")
        }
        guard let name = owner?.split(separator: "/").first.map({ $0.lowercased() }),
            name != account.name.lowercased(),
            !account.organizations.contains(where: { $0.name.lowercased() == name })
        else { return check }
        check.status = .warning
        check.fix =
            "the settings assign it to \(name), which is neither \(account.name) nor one of its organisations"
        return check
    }

    private func addExpiry(_ expiry: String, _ check: inout DoctorCheck) {
        check.text += ", expires on \(expiry.prefix(10))"
        guard let date = Date(hub: expiry), Expiry.isNear(date) else { return }
        (check.status, check.fix) = (.warning, "create a new one before it expires")
    }

    /// Checks `GITHUB_TOKEN` with `GET /rate_limit`, which does not count against the rate limit
    /// (https://docs.github.com/en/rest/rate-limit/rate-limit).
    private func gitHub() async -> DoctorCheck {
        let serverURL = try? RemoteURL(context.environment["GITHUB_SERVER_URL"] ?? "https://github.com")
        guard let serverURL, serverURL.user == nil else {
            return DoctorCheck(
                "github", .bad(.settings), "GITHUB_SERVER_URL is not the URL of a GitHub server")
        }
        let server = serverURL.origin.description
        let api = server == "https://github.com" ? "https://api.github.com" : server + "/api/v3"
        guard let url = URL(string: api + "/rate_limit"), let origin = Origin(url),
            serverURL.origin.allowsCredentials
        else {
            return DoctorCheck(
                "github", .bad(.settings), "GITHUB_SERVER_URL is not the URL of a GitHub server")
        }
        return await DoctorCheck.run("github") { () async throws(DeployError) in
            let text = TokenText(
                context.environment["GITHUB_TOKEN"] ?? "", from: "GITHUB_TOKEN",
                for: .host(origin.host, isHub: false))
            guard let token = try text.secret() else {
                return DoctorCheck("github", .warning, "GITHUB_TOKEN is empty")
            }
            let request = HTTPClientRequest(
                "GET", url, authorization: .bearer(token), isRepeatable: true, responseLimit: 1 << 20)
            let response: HTTPClientResponse
            do throws(HTTPError) { response = try await context.client { _ in }.send(request) } catch {
                return DoctorCheck(
                    "github", .warning,
                    "GITHUB_TOKEN was not checked: \(origin) is not reachable (\(error.reason))"
                )
            }
            switch response.status {
            case 200: return DoctorCheck("github", .good, "GITHUB_TOKEN is valid at \(server)")
            case 401:
                return DoctorCheck(
                    "github", .bad(.permissionDenied),
                    "\(server) rejected GITHUB_TOKEN: it is invalid or expired",
                    fix: "create one with read access to contents: \(server)/settings/tokens")
            default:
                return DoctorCheck(
                    "github", .warning,
                    "GITHUB_TOKEN was not checked: \(origin) returned status \(response.status)")
            }
        }
    }
}
