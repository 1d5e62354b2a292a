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

    package func whoami() async throws(DeployError) -> Account {
        guard token != nil else {
            throw DeployError(
                .permissionDenied, "no token for \(host)", hint: "set HF_TOKEN or run hf auth login")
        }
        let json = try await requestJSON("GET", "/api/whoami-v2", about: "the account of the token")
        guard let name = json["name"].string else {
            throw DeployError(
                .refused, "\(host) did not return the account of the token", hint: "check HF_ENDPOINT")
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
