import Essentials
import HTTP
import SpacesModel

extension HubClient {
    /// Lists the Spaces of a user or organization that the token may see, with their runtime: one
    /// request per thousand Spaces (`GET /api/spaces`, hub-api.md 3.4).
    /// - Parameters:
    ///   - pages: the most requests.
    ///   - isEnough: called with each page; listing stops if it returns true.
    package func spaces(
        of owner: String, pages: Int = .max, until isEnough: ([SpaceRecord]) -> Bool = { _ in false }
    ) async throws(DeployError) -> [SpaceRecord] {
        let author = owner.percentEncoded()
        var page: String? = "/api/spaces?author=\(author)&limit=1000&\(SpaceRecord.query)"
        var requested = Set<String>()
        var records: [SpaceRecord] = []
        while let path = page, requested.count < pages, requested.insert(path).inserted {
            let response = try await send("GET", path, about: "the Spaces of \(owner)")
            guard response.isSuccess else { throw responseError(response, about: "the Spaces of \(owner)") }
            let json = try parseJSON(response, about: "the Spaces of \(owner)")
            let listed = (json.array ?? []).compactMap { SpaceRecord($0, endpoint: endpoint) }
            records += listed
            page = isEnough(listed) ? nil : nextPage(response)
        }
        return records
    }

    /// Returns the path of the next page from `Link: <url>; rel="next"` (RFC 8288); `nil` if there is
    /// none. Only URLs of this Hub are used, so that the token is not sent to other servers.
    func nextPage(_ response: HTTPClientResponse) -> String? {
        let links = response.headers.fields.filter { $0.name.lowercased() == "link" }.map(\.value)
        for link in links.flatMap({ $0.split(separator: ",") }) {
            let parts = link.split(separator: ";").map { $0.trimmingSpaces() }
            guard let target = parts.first, target.hasPrefix("<"), target.hasSuffix(">"),
                parts.dropFirst().contains(where: { $0.replacing("\"", with: "") == "rel=next" })
            else { continue }
            let url = String(target.dropFirst().dropLast())
            if url.hasPrefix("/") { return url }
            let base = endpoint.absoluteString
            if url.hasPrefix(base + "/") { return String(url.dropFirst(base.count)) }
        }
        return nil
    }
}
