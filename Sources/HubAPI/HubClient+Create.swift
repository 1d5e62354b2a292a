import Essentials
import HTTP
import SpacesModel
import TextTools

/// The result of creating a Space.
package enum CreateResult: Hashable, Sendable {
    case created(url: String?)
    /// The Space already existed; nothing was changed.
    case existed(url: String?)
}

extension HubClient {
    /// Creates a Space, with its secrets and variables in the same call so that its first container has them:
    /// `POST /api/repos/create` (hub-api.md 3.2).
    /// - Parameters:
    ///   - visibility: `private`, `public`, `protected`.
    ///   - hardware: a flavour; `nil` for the Hub's default.
    ///   - secrets: each with its public description.
    /// - Throws: `.permissionDenied`, with hints, if a plan, payment method or permission is missing.
    package func create(
        _ space: SpaceID, sdk: String, visibility: String = "private", hardware: String? = nil,
        sleepTime: SleepTime? = nil, secrets: [(name: String, value: Secret, description: String?)] = [],
        variables: [(name: String, value: String)] = [],
        clock: any Clock<Duration> = ContinuousClock()
    ) async throws(DeployError) -> CreateResult {
        var body: JSON.Object = [
            "name": .string(space.name), "organization": .string(space.owner), "type": "space",
            "sdk": .string(sdk), "visibility": .string(visibility),
        ]
        body.addSpaceSettings(hardware, sleepTime, secrets, variables)
        return try await create(space, .object(body), clock)
    }

    /// Sends the request, with retries after "Another conflicting operation is in progress", which ends
    /// within seconds.
    private func create(_ space: SpaceID, _ body: JSON, _ clock: any Clock<Duration>)
        async throws(DeployError) -> CreateResult
    {
        for wait in [1, 2, 4, 8, 0] {
            let response = try await send("POST", "/api/repos/create", body, about: space.description)
            if response.isSuccess {
                return .created(url: try parseJSON(response, about: space.description)["url"].string)
            }
            guard response.status == 409 else { throw responseError(response, about: space.description) }
            guard HubErrorMessage.parse(response).contains(where: { $0.contains("conflicting operation") })
            else {
                return .existed(url: JSON(response.body)?["url"].string)
            }
            do { try await clock.sleep(for: .seconds(wait)) } catch {
                throw DeployError(.cancelled, at: host, while: "creating \(space)")
            }
        }
        throw DeployError(
            .tryLater, "\(host) is busy with another change of \(space)", hint: "try again in a minute")
    }
}

/// A secret of a new Space, with its public description.
package typealias NewSecret = (name: String, value: Secret, description: String?)

extension JSON.Object {
    /// Adds the hardware, sleep time, secrets and variables of a new Space, in the format of `create`
    /// and `duplicate`.
    mutating func addSpaceSettings(
        _ hardware: String?, _ sleepTime: SleepTime?, _ secrets: [NewSecret],
        _ variables: [(name: String, value: String)]
    ) {
        self["hardware"] = hardware.map(JSON.string)
        self["sleepTimeSeconds"] = sleepTime.map { .number(Double($0.seconds)) }
        if !secrets.isEmpty {
            self["secrets"] = .array(secrets.map { pair($0.name, $0.value.reveal(), $0.description) })
        }
        if !variables.isEmpty { self["variables"] = .array(variables.map { pair($0.name, $0.value) }) }
    }
}

private func pair(_ key: String, _ value: String, _ description: String? = nil) -> JSON {
    var members: JSON.Object = ["key": .string(key), "value": .string(value)]
    members["description"] = description.map(JSON.string)
    return .object(members)
}

/// The account of a token and its permissions, as reported by `GET /api/whoami-v2`.
package struct Account: Hashable, Sendable {
    package struct Organization: Hashable, Sendable {
        package var name: String
        /// `admin`, `write`, `contributor`, `read`, `no_access`.
        package var role: String?
        /// `team`, `enterprise`, `plus`, `academia`; `nil` if there is no paid plan.
        package var plan: String?
    }

    package var name: String
    package var isPro: Bool
    package var canPay: Bool
    package var organizations: [Organization]
    /// `read`, `write`, `fineGrained`; `nil` if the token is not a user access token.
    package var tokenRole: String?
    package var tokenName: String?
    /// The Hub's text (RFC 3339); `nil` if the token does not expire.
    package var tokenExpires: String?
    /// The permissions of a fine-grained token by the name of the user, organization or repository.
    package var permissions: [String: [String]]
}

extension HubClient {
    package func whoami() async throws(DeployError) -> Account {
        guard token != nil else {
            throw DeployError(
                .permissionDenied, "no token for \(host)", hint: "set HF_TOKEN or run hf auth login")
        }
        let json = try await requestJSON("GET", "/api/whoami-v2", about: "the account of the token")
        guard let name = json["name"].string else {
            throw DeployError(
                .refused, "\(host) does not tell whose token this is", hint: "check HF_ENDPOINT")
        }
        return Account(name, json)
    }

    /// Returns whether the token may write to the Space.
    package func mayWrite(_ space: SpaceID) async throws(DeployError) -> Bool {
        let response = try await send(
            "GET", "/api/spaces/\(space)/auth-check/write", about: space.description)
        if response.isSuccess { return true }
        guard [401, 403, 404].contains(response.status) else {
            throw responseError(response, about: space.description)
        }
        return false
    }
}

extension Account {
    init(_ name: String, _ json: JSON) {
        self.name = name
        isPro = json["isPro"].bool ?? false
        canPay = json["canPay"].bool ?? false
        organizations = (json["orgs"].array ?? []).compactMap { entry in
            entry["name"].string.map {
                Organization(name: $0, role: entry["roleInOrg"].string, plan: entry["plan"].string)
            }
        }
        let token = json["auth"]["accessToken"]
        tokenRole = token["role"].string
        tokenName = token["displayName"].string
        tokenExpires = json["auth"]["expiresAt"].string ?? token["expiresAt"].string
        let scopes = token["fineGrained"]["scoped"].array ?? []
        permissions = Dictionary(
            scopes.compactMap { scope in
                (scope["entity"]["name"].string).map {
                    ($0, scope["permissions"].array?.compactMap(\.string) ?? [])
                }
            }, uniquingKeysWith: +)
    }
}

/// The state of a Hub as seen in one response: account, clock skew and rate limit.
package struct HubHealth: Hashable, Sendable {
    /// The account of the token; `nil` without a token.
    package var account: Account?
    /// The seconds by which this machine's clock is ahead of the Hub's; `nil` if the response has no `Date`.
    package var clockSkew: Int?
    package var quota: RequestQuota?
}

/// The rate limit reported by `RateLimit` and `RateLimit-Policy`
/// (https://huggingface.co/docs/hub/rate-limits).
package struct RequestQuota: Hashable, Sendable {
    package var remaining: Int
    /// The requests allowed per window; `nil` if only the remaining ones are reported.
    package var limit: Int?
    /// Seconds until the limit is reset.
    package var reset: Int?

    init?(_ headers: HTTPFields) {
        func number(_ name: String, _ header: String) -> Int? {
            headers[header]?.split(separator: ";").lazy.map { $0.trimmingSpaces() }
                .first { $0.hasPrefix(name + "=") }.flatMap { Int($0.dropFirst(name.count + 1)) }
        }
        guard let remaining = number("r", "RateLimit") else { return nil }
        (self.remaining, limit, reset) = (
            remaining, number("q", "RateLimit-Policy"), number("t", "RateLimit")
        )
    }
}

extension HubClient {
    /// Fetches the health with one request: the account of the token, or without a token the list of
    /// hardware.
    package func fetchHealth() async throws(DeployError) -> HubHealth {
        let subject = token == nil ? "the list of hardware" : "the account of the token"
        let start = Date()
        let response = try await send(
            "GET", token == nil ? "/api/spaces/hardware" : "/api/whoami-v2", about: subject)
        guard response.isSuccess else { throw responseError(response, about: subject) }
        let json = try parseJSON(response, about: subject)
        let midpoint = start.addingTimeInterval(Date().timeIntervalSince(start) / 2)
        let time = response.headers["Date"].flatMap { HTTPDate.parse($0) }
        return HubHealth(
            account: token == nil ? nil : json["name"].string.map { Account($0, json) },
            clockSkew: time.map { Int(midpoint.timeIntervalSince($0)) }, quota: RequestQuota(response.headers)
        )
    }
}
