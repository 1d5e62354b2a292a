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
                .refused, "there is a Space \(other) already; nothing was changed", details: failure.details,
                hint: "take another name, or look at what it is: spacesync status \(other)")
        }
        throw failure
    }

    /// Duplicates the Space with its variables, but not its secrets.
    package func duplicate(
        to other: SpaceID, visibility: String = "private", hardware: String? = nil,
        sleepTime: SleepTime? = nil,
        secrets: [NewSecret] = [], variables: [(name: String, value: String)] = []
    ) async throws(DeployError) -> CreateResult {
        var body: [String: JSON] = [
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
