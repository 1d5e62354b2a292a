import Essentials
import HTTP
import SpacesModel

extension HubClient {
    /// All Spaces of a user or organization that the token may see, with what they run on: a request a thousand
    /// (`GET /api/spaces`, hub-api.md 3.4).
    /// - Parameters:
    ///   - pages: no more requests than this.
    ///   - isEnough: gets each page; true ends the list.
    package func spaces(
        of owner: String, pages: Int = .max, until isEnough: ([SpaceRecord]) -> Bool = { _ in false }
    ) async throws(DeployError) -> [SpaceRecord] {
        let author = owner.percentEncoded()
        var page: String? = "/api/spaces?author=\(author)&limit=1000&\(SpaceRecord.query)"
        var asked = Set<String>()
        var records: [SpaceRecord] = []
        while let path = page, asked.count < pages, asked.insert(path).inserted {
            let answer = try await send("GET", path, about: "the Spaces of \(owner)")
            guard answer.isSuccess else { throw responseError(answer, about: "the Spaces of \(owner)") }
            let json = try parseJSON(answer, about: "the Spaces of \(owner)")
            let listed = (json.array ?? []).compactMap { SpaceRecord($0, endpoint: endpoint) }
            records += listed
            page = isEnough(listed) ? nil : nextPage(answer)
        }
        return records
    }

    /// `Link: <url>; rel="next"` (RFC 8288), below this Hub's own address alone: the token goes nowhere else.
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
