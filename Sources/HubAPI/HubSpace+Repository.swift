import HTTP
import SpacesModel
import TextTools

/// The Space as a repository of the Hub (hub-api.md 3.3).
extension HubSpace {
    /// - Parameter visibility: `private`, `public`, `protected`.
    package func setVisibility(_ visibility: String) async throws(Failure) {
        let body: JSON = ["visibility": .string(visibility)]
        _ = try await hub.call("PUT", path + "/settings", body, about: space.description)
    }

    /// Deletes the Space for good. The Hub answers with plain text.
    package func delete() async throws(Failure) {
        let body: JSON = [
            "name": .string(space.name), "organization": .string(space.owner), "type": "space",
        ]
        try await order("DELETE", "/api/repos/delete", body)
    }

    /// Gives the Space another owner or name, and with it another address.
    package func move(to other: SpaceID) async throws(Failure) {
        let body: JSON = [
            "fromRepo": .string(space.description), "toRepo": .string(other.description), "type": "space",
        ]
        let answer = try await hub.ask("POST", "/api/repos/move", body, about: other.description)
        guard !answer.isSuccess else { return }
        // What is missing is the Space that is moved.
        var failure = hub.refusal(answer, about: (answer.status == 404 ? space : other).description)
        if answer.status == 409 {
            failure = Failure(
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
    ) async throws(Failure) -> Creation {
        var body: [String: JSON] = [
            "repository": .string(other.description), "visibility": .string(visibility),
        ]
        body.furnish(hardware, sleepTime, secrets, variables)
        let answer = try await hub.ask("POST", path + "/duplicate", .object(body), about: other.description)
        if answer.status == 409 { return .existed(url: JSON(answer.body)?["url"].string) }
        // What is missing is the Space that is copied.
        let subject = answer.status == 404 ? space : other
        guard answer.isSuccess else { throw hub.refusal(answer, about: subject.description) }
        return .created(url: JSON(answer.body)?["url"].string)
    }

    /// A call of which only the success counts.
    func order(_ method: String, _ path: String, _ body: JSON? = nil) async throws(Failure) {
        let answer = try await hub.ask(method, path, body, about: space.description)
        guard answer.isSuccess else { throw hub.refusal(answer, about: space.description) }
    }
}
