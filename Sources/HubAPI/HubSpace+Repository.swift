import Essentials
import HTTP
import SpacesModel
import TextTools

/// Operations on the Space's repository (hub-api.md 3.3).
extension HubSpace {
    /// Sets the visibility of the Space.
    /// - Parameter visibility: `private`, `public`, `protected`.
    package func setVisibility(_ visibility: String) async throws(DeployError) {
        let body: JSON = ["visibility": .string(visibility)]
        _ = try await hub.requestJSON("PUT", path + "/settings", body, about: space.description)
    }

    /// Deletes the Space permanently. The Hub responds with plain text.
    package func delete() async throws(DeployError) {
        let body: JSON = [
            "name": .string(space.name), "organization": .string(space.owner), "type": "space",
        ]
        try await perform("DELETE", "/api/repos/delete", body)
    }

    /// Moves the Space to another owner or name, which also changes its URL.
    package func move(to other: SpaceID) async throws(DeployError) {
        let body: JSON = [
            "fromRepo": .string(space.description), "toRepo": .string(other.description), "type": "space",
        ]
        let response = try await hub.send("POST", "/api/repos/move", body, about: other.description)
        guard !response.isSuccess else { return }
        // A 404 refers to the Space that is moved.
        var failure = hub.responseError(response, about: (response.status == 404 ? space : other).description)
        if response.status == 409 {
            failure = DeployError(
                .refused, "the Space \(other) already exists; nothing was changed", details: failure.details,
                hint: "use another name, or see the existing Space: spacesync status \(other)")
        }
        throw failure
    }

    /// Duplicates the Space with its variables, but not its secrets.
    package func duplicate(
        to other: SpaceID, visibility: String = "private", hardware: String? = nil,
        sleepTime: SleepTime? = nil,
        secrets: [NewSecret] = [], variables: [(name: String, value: String)] = []
    ) async throws(DeployError) -> CreateResult {
        var body: JSON.Object = [
            "repository": .string(other.description), "visibility": .string(visibility),
        ]
        body.addSpaceSettings(hardware, sleepTime, secrets, variables)
        let response = try await hub.send(
            "POST", path + "/duplicate", .object(body), about: other.description)
        if response.status == 409 { return .existed(url: JSON(response.body)?["url"].string) }
        // A 404 refers to the Space that is duplicated.
        let subject = response.status == 404 ? space : other
        guard response.isSuccess else { throw hub.responseError(response, about: subject.description) }
        return .created(url: JSON(response.body)?["url"].string)
    }

    /// Sends a request and ignores the body of a successful response.
    func perform(_ method: String, _ path: String, _ body: JSON? = nil) async throws(DeployError) {
        let response = try await hub.send(method, path, body, about: space.description)
        guard response.isSuccess else { throw hub.responseError(response, about: space.description) }
    }
}

/// The readable properties of a secret, which do not include its value.
package struct SecretEntry: Hashable, Sendable {
    package var name: String
    package var description: String?
    /// RFC 3339.
    package var updated: String?
}

/// Secrets and variables (hub-api.md 4.5, 4.6). The operations are idempotent, so they are retried
/// after network errors. Any change restarts the Space.
extension HubSpace {
    package func secrets() async throws(DeployError) -> [SecretEntry] {
        let json = try await hub.requestJSON("GET", path + "/secrets", about: space.description)
        return (json.object ?? [:]).sorted { $0.key < $1.key }.map { name, entry in
            SecretEntry(
                name: name, description: entry["description"].string, updated: entry["updatedAt"].string)
        }
    }

    /// Sets a secret.
    /// - Parameter description: the public description; `nil` to leave it unchanged.
    package func setSecret(_ name: String, _ value: Secret, description: String? = nil)
        async throws(DeployError)
    {
        try await set("/secrets", name, value.reveal(), description)
    }

    package func unsetSecret(_ name: String) async throws(DeployError) { try await unset("/secrets", name) }

    /// Fetches the variables, as values by name.
    package func variables() async throws(DeployError) -> [String: String] {
        let json = try await hub.requestJSON("GET", path + "/variables", about: space.description)
        return (json.object ?? [:]).compactMapValues { $0["value"].string }
    }

    package func setVariable(_ name: String, _ value: String) async throws(DeployError) {
        try await set("/variables", name, value)
    }

    package func unsetVariable(_ name: String) async throws(DeployError) {
        try await unset("/variables", name)
    }

    private func set(
        _ route: String, _ name: String, _ value: String, _ description: String? = nil
    ) async throws(DeployError) {
        var body: JSON.Object = ["key": .string(name), "value": .string(value)]
        body["description"] = description.map(JSON.string)
        _ = try await hub.requestJSON(
            "POST", path + route, .object(body), about: space.description, isRepeatable: true)
    }

    private func unset(_ route: String, _ name: String) async throws(DeployError) {
        let body: JSON = ["key": .string(name)]
        _ = try await hub.requestJSON(
            "DELETE", path + route, body, about: space.description, isRepeatable: true)
    }
}
