import Essentials
import HTTP
import HubAPI
import SpacesModel

/// Every token in reach: whose it is, and what it may do.
struct AccountChecks: Sendable {
    private let workshop: Workshop

    init(_ workshop: Workshop) { self.workshop = workshop }

    /// - Parameter hubAnswers: false: it was asked before, in vain.
    func all(hubAnswers: Bool) async -> [Checkup] {
        var found: [Checkup] = []
        for (name, place) in workshop.accounts.configured {
            switch place {
            case .success(let token) where !hubAnswers: found.append(unasked(token, name))
            case .success(let token): found += await examine(token, "\(token.origin) (\(name))", name)
            case .failure(let failure): found.append(Checkup("token", failure))
            }
        }
        do throws(Failure) {
            if let general = try workshop.accounts.general() {
                found += hubAnswers ? await examine(general, general.origin, nil) : [unasked(general, nil)]
            }
        } catch {
            found.append(Checkup("token", error))
        }
        if found.isEmpty {
            found.append(
                Checkup(
                    "token", .warning, "none in reach: public Spaces can be planned, nothing can be deployed",
                    mend: (workshop.accounts.hasBareUser
                        ? "HF_USER holds a name without a token: write name:token there, or " : "")
                        + "make one with write access at \(workshop.endpoint)/settings/tokens and set HF_TOKEN"
                )
            )
        }
        if workshop.world["GITHUB_TOKEN"] != nil { found.append(await gitHub()) }
        return found
    }

    private func unasked(_ token: Accounts.FoundToken, _ name: String?) -> Checkup {
        Checkup(
            "token", .warning,
            "\(token.origin)\(name.map { " (\($0))" } ?? ""): not asked about, as the Hub does not answer")
    }

    private func examine(_ token: Accounts.FoundToken, _ label: String, _ owner: String?) async -> [Checkup] {
        do throws(Failure) {
            let vitals = try await workshop.hub(token.secret, nil).vitals()
            guard let account = vitals.account else {
                return [Checkup("token", .warning, "\(label): the Hub does not tell whose it is")]
            }
            let quota = vitals.quota.map { Checkup(quota: $0, of: "for \(account.name)") }
            return [checkup(account, label, owner), quota].compactMap { $0 }
        } catch {
            var checkup = Checkup("token", error)
            checkup.text = "\(label): \(error.message)"
            return [checkup]
        }
    }

    private func checkup(_ account: Account, _ label: String, _ owner: String?) -> Checkup {
        let role = account.tokenRole.map { $0 == "fineGrained" ? "fine-grained" : $0 } ?? "of an unknown role"
        let plan = account.isPro ? ", PRO" : ""
        var checkup = Checkup("token", .good, "\(label): \(account.name), \(role)\(plan)")
        let organizations = account.organizations.map { organization in
            organization.name + (organization.plan.map { " (\($0))" } ?? "")
        }
        if !organizations.isEmpty { checkup.text += "; member of \(organizations.joined(separator: ", "))" }
        if let expiry = account.tokenExpires { judge(expiry, &checkup) }
        if account.tokenRole == "read" {
            (checkup.verdict, checkup.mend) = (.warning, "it cannot deploy: make one with write access")
        }
        guard let name = owner?.split(separator: "/").first.map({ $0.lowercased() }),
            name != account.name.lowercased(),
            !account.organizations.contains(where: { $0.name.lowercased() == name })
        else { return checkup }
        checkup.verdict = .warning
        checkup.mend =
            "the settings say it is \(name)'s, who is neither \(account.name) nor one of their organisations"
        return checkup
    }

    private func judge(_ expiry: String, _ checkup: inout Checkup) {
        checkup.text += ", until \(expiry.prefix(10))"
        guard let date = Date(hub: expiry), Expiry.isNear(date) else { return }
        (checkup.verdict, checkup.mend) = (.warning, "make a new one before it ends")
    }

    /// `GET /rate_limit` costs nothing of the limit
    /// (https://docs.github.com/en/rest/rate-limit/rate-limit).
    private func gitHub() async -> Checkup {
        let named = try? RemoteURL(workshop.world["GITHUB_SERVER_URL"] ?? "https://github.com")
        guard let named, named.user == nil else {
            return Checkup("github", .bad(.settings), "GITHUB_SERVER_URL is not the URL of a GitHub server")
        }
        let server = named.origin.description
        let api = server == "https://github.com" ? "https://api.github.com" : server + "/api/v3"
        guard let url = URL(string: api + "/rate_limit"), let origin = Origin(url),
            origin.scheme == "https" || origin.isLoopback
        else { return Checkup("github", .bad(.settings), "GITHUB_SERVER_URL is no URL of a GitHub") }
        return await Checkup.of("github") { () async throws(Failure) in
            let text = TokenText(
                workshop.world["GITHUB_TOKEN"] ?? "", from: "GITHUB_TOKEN",
                for: .host(origin.host, isHub: false))
            guard let token = try text.secret() else {
                return Checkup("github", .warning, "GITHUB_TOKEN is empty")
            }
            let request = Request(
                "GET", url, authorization: .bearer(token), isRepeatable: true, responseLimit: 1 << 20)
            let answer: Response
            do throws(HTTPFailure) { answer = try await workshop.client { _ in }.send(request) } catch {
                return Checkup(
                    "github", .warning, "\(origin) was not reached to ask about GITHUB_TOKEN: \(error.why)")
            }
            switch answer.status {
            case 200: return Checkup("github", .good, "GITHUB_TOKEN is valid at \(server)")
            case 401:
                return Checkup(
                    "github", .bad(.notAllowed), "\(server) refuses GITHUB_TOKEN: it is wrong or has expired",
                    mend: "make a new one that may read contents: \(server)/settings/tokens")
            default:
                return Checkup(
                    "github", .warning, "\(origin) answers status \(answer.status) about GITHUB_TOKEN")
            }
        }
    }
}
