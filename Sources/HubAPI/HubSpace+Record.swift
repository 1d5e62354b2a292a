import Essentials
import HTTP
import SpacesModel
import TextTools

/// The Hub's full record of a Space.
package struct SpaceRecord: Sendable {
    /// The id as the Hub writes it, `owner/name`.
    package var id: String
    package var info: SpaceInfo
    /// `private`, `public`, `protected`; `private` or `public` if the Hub only reports whether the
    /// Space is private.
    package var visibility: String?
    /// RFC 3339.
    package var lastModified: String?
    package var createdAt: String?
    /// The complete response.
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

    /// The requested fields: with an explicit list the Hub does not list the Space's files (hub-api.md 3.4).
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

    /// Fetches the visibility: `private`, `public`, `protected`. As an expanded field the Hub only
    /// reports whether a Space is private, so this requests the full record.
    package func visibility() async throws(DeployError) -> String {
        let json = try await hub.requestJSON("GET", path, about: space.description)
        return SpaceRecord(json, endpoint: hub.endpoint)?.visibility ?? "unknown"
    }
}
