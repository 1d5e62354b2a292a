import HTTP
import SpacesModel
import TextTools

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
    package func commits(limit: Int) async throws(DeployError) -> [SpaceCommit] {
        let json = try await hub.requestJSON(
            "GET", "\(path)/commits/main?limit=\(limit)", about: space.description)
        return (json.array ?? []).compactMap(SpaceCommit.init)
    }
}

extension HubSpace {
    /// The newest first, page after page, until `isEnough` says so or `limit` commits were told.
    /// - Returns: whether these are all.
    package func commits(
        upTo limit: Int, until isEnough: ([SpaceCommit]) -> Bool
    ) async throws(DeployError) -> (commits: [SpaceCommit], isAll: Bool) {
        var commits: [SpaceCommit] = []
        var page: String? = "\(path)/commits/main?limit=\(Self.page)"
        while let next = page {
            let answer = try await hub.send("GET", next, about: space.description)
            guard answer.isSuccess else { throw hub.responseError(answer, about: space.description) }
            let json = try hub.parseJSON(answer, about: space.description)
            let more = (json.array ?? []).compactMap(SpaceCommit.init)
            commits += more
            page = more.isEmpty ? nil : hub.nextPage(answer)
            if page != nil, isEnough(commits) || commits.count >= limit { return (commits, false) }
        }
        return (commits, true)
    }

    private static var page: Int { 100 }
}

extension SpaceCommit {
    /// What made it, as far as its message tells.
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
