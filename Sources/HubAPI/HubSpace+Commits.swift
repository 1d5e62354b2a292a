import HTTP
import SpacesModel
import TextTools

/// A commit of a Space's history, as reported by the Hub.
package struct SpaceCommit: Hashable, Sendable {
    package var id: ObjectID
    package var title: String
    /// RFC 3339.
    package var date: String?
    /// The trailers in which a deploy records its state.
    package var trailers: Trailers
}

extension HubSpace {
    /// Fetches the newest commits, newest first.
    package func commits(limit: Int) async throws(DeployError) -> [SpaceCommit] {
        let json = try await hub.requestJSON(
            "GET", "\(path)/commits/main?limit=\(limit)", about: space.description)
        return (json.array ?? []).compactMap(SpaceCommit.init)
    }
}

extension HubSpace {
    /// Fetches commits page by page, newest first, until `isEnough` returns true or `limit` commits
    /// were fetched.
    /// - Returns: the commits, and whether these are all.
    package func commits(
        upTo limit: Int, until isEnough: ([SpaceCommit]) -> Bool
    ) async throws(DeployError) -> (commits: [SpaceCommit], isAll: Bool) {
        var commits: [SpaceCommit] = []
        var page: String? = "\(path)/commits/main?limit=\(Self.page)"
        while let next = page {
            let response = try await hub.send("GET", next, about: space.description)
            guard response.isSuccess else { throw hub.responseError(response, about: space.description) }
            let json = try hub.parseJSON(response, about: space.description)
            let pageCommits = (json.array ?? []).compactMap(SpaceCommit.init)
            commits += pageCommits
            page = pageCommits.isEmpty ? nil : hub.nextPage(response)
            if page != nil, isEnough(commits) || commits.count >= limit { return (commits, false) }
        }
        return (commits, true)
    }

    private static var page: Int { 100 }
}

extension SpaceCommit {
    /// The history entry for the commit, from its message.
    package var historyEntry: HistoryEntry { HistoryEntry(id: id, subject: title, trailers: trailers) }

    init?(_ json: JSON) {
        guard let id = json["id"].string.flatMap({ ObjectID($0) }) else { return nil }
        let title = json["title"].string ?? ""
        let message = (json["message"].string ?? "").replacing("\r\n", with: "\n")
        self.init(
            id: id, title: title, date: json["date"].string, trailers: Trailers(of: title + "\n\n" + message)
        )
    }
}
