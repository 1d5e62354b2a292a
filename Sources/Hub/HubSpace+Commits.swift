import Deploy
import HTTP

/// A commit of a Space's history, as the Hub tells it.
package struct SpaceCommit: Hashable, Sendable {
    package var id: ObjectID
    package var title: String
    /// RFC 3339.
    package var date: String?
    /// What a deploy left for the next one.
    package var trailers: Trailers
}

extension HubSpace {
    /// The newest first.
    package func commits(limit: Int) async throws(Failure) -> [SpaceCommit] {
        let json = try await hub.call("GET", "\(path)/commits/main?limit=\(limit)", about: space.description)
        return (json.array ?? []).compactMap(SpaceCommit.init)
    }
}

extension SpaceCommit {
    init?(_ json: JSONValue) {
        guard let id = json["id"]?.string.flatMap({ ObjectID($0) }) else { return nil }
        let title = json["title"]?.string ?? ""
        let message = (json["message"]?.string ?? "").replacing("\r\n", with: "\n")
        self.init(
            id: id, title: title, date: json["date"]?.string, trailers: Trailers(of: title + "\n\n" + message)
        )
    }
}
