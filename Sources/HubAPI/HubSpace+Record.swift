import Essentials
import HTTP
import SpacesModel
import TextTools

/// A Space as the Hub tells it, with all that it tells.
package struct SpaceRecord: Sendable {
    /// As the Hub writes it.
    package var id: String
    package var info: SpaceInfo
    /// `private`, `public`, `protected`; where the Hub says no more than whether it is private, the nearest.
    package var visibility: String?
    /// RFC 3339.
    package var lastModified: String?
    package var createdAt: String?
    /// Whatever else came.
    package var json: JSON

    package init?(_ json: JSON, endpoint: URL) {
        guard let id = json["id"].string else { return nil }
        self.id = id
        self.json = json
        info = SpaceInfo(json, endpoint: endpoint)
        visibility = json["visibility"].string ?? json["private"].bool.map { $0 ? "private" : "public" }
        lastModified = json["lastModified"].string
        createdAt = json["createdAt"].string
    }

    /// What is asked for: by these names the Hub lists no files (hub-api.md 3.4).
    static let expandedFields = [
        "sha", "sdk", "subdomain", "private", "lastModified", "createdAt", "runtime",
    ]
    static var query: String { expandedFields.map { "expand=\($0)" }.joined(separator: "&") }
}

extension HubSpace {
    package func record() async throws(DeployError) -> SpaceRecord {
        let json = try await hub.requestJSON("GET", "\(path)?\(SpaceRecord.query)", about: space.description)
        guard let record = SpaceRecord(json, endpoint: hub.endpoint) else {
            throw DeployError(.refused, "\(hub.host) tells nothing of \(space)", hint: "check HF_ENDPOINT")
        }
        return record
    }

    /// `private`, `public`, `protected`. By name the Hub tells no more than whether a Space is private, so all is asked.
    package func visibility() async throws(DeployError) -> String {
        let json = try await hub.requestJSON("GET", path, about: space.description)
        return SpaceRecord(json, endpoint: hub.endpoint)?.visibility ?? "unknown"
    }
}
