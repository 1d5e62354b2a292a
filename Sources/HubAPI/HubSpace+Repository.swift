import HTTP
import SpacesModel
import TextTools

/// The Space as a repository of the Hub (hub-api.md 3.3).
extension HubSpace {
    /// - Parameter visibility: `private`, `public`, `protected`.
    package func setVisibility(_ visibility: String) async throws(DeployError) {
        let body: JSON = ["visibility": .string(visibility)]
        _ = try await hub.requestJSON("PUT", path + "/settings", body, about: space.description)
    }

    /// Deletes the Space for good. The Hub answers with plain text.
    package func delete() async throws(DeployError) {
        let body: JSON = [
            "name": .string(space.name), "organization": .string(space.owner), "type": "space",
        ]
        try await perform("DELETE", "/api/repos/delete", body)
    }

    /// Gives the Space another owner or name, and with it another address.
    package func move(to other: SpaceID) async throws(DeployError) {
        let body: JSON = [
            "fromRepo": .string(space.description), "toRepo": .string(other.description), "type": "space",
        ]
        let answer = try await hub.send("POST", "/api/repos/move", body, about: other.description)
        guard !answer.isSuccess else { return }
        // What is missing is the Space that is moved.
        var failure = hub.responseError(answer, about: (answer.status == 404 ? space : other).description)
        if answer.status == 409 {
            failure = DeployError(
                .refused, "there is a Space \(other) already; nothing was changed", details: failure.details,
                hint: "take another name, or look at what it is: spacesync status \(other)")
        }
        throw failure
    }

    /// Copies the Space with its variables, but not its secrets.
    package func duplicate(
        to other: SpaceID, visibility: String = "private", hardware: String? = nil,
        sleepTime: SleepTime? = nil,
        secrets: [NewSecret] = [], variables: [(name: String, value: String)] = []
    ) async throws(DeployError) -> CreateResult {
        var body: [String: JSON] = [
            "repository": .string(other.description), "visibility": .string(visibility),
        ]
        body.addSpaceSettings(hardware, sleepTime, secrets, variables)
        let answer = try await hub.send("POST", path + "/duplicate", .object(body), about: other.description)
        if answer.status == 409 { return .existed(url: JSON(answer.body)?["url"].string) }
        // What is missing is the Space that is copied.
        let subject = answer.status == 404 ? space : other
        guard answer.isSuccess else { throw hub.responseError(answer, about: subject.description) }
        return .created(url: JSON(answer.body)?["url"].string)
    }

    /// A call of which only the success counts.
    func perform(_ method: String, _ path: String, _ body: JSON? = nil) async throws(DeployError) {
        let answer = try await hub.send(method, path, body, about: space.description)
        guard answer.isSuccess else { throw hub.responseError(answer, about: space.description) }
    }
}
