import HTTP
import SpacesModel
import TextTools

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
        var body: [String: JSON] = ["key": .string(name), "value": .string(value)]
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
