import Essentials
import HTTP
import SpacesModel

extension GitSpace {
    /// Asks the Hub's file endpoint, which leads to the storage (hub-api.md 3.4).
    package func content(
        ofLargeFile path: Path, at commit: ObjectID, limit: Int
    ) async throws(DeployError) -> [UInt8]? {
        // What is not UTF-8 has no address.
        guard let text = String(validating: path.bytes, as: UTF8.self) else { return nil }
        let name = text.percentEncoded(keeping: "-._~/")
        var request = HTTPClientRequest(
            "GET", remote.url.appending("resolve/\(commit)/\(name)"), authorization: bearer,
            responseLimit: limit)
        request.deadline = .seconds(300)
        let response: HTTPClientResponse
        do throws(HTTPError) { response = try await remote.client.send(request, meter: remote.meter) } catch {
            if case .tooLong = error { return nil }
            throw remote.party.failure(error)
        }
        guard response.isSuccess else {
            guard response.status == 404 else {
                throw remote.party.failure(
                    response, service: .uploadPack, hasToken: remote.authorization != nil)
            }
            return nil
        }
        return Array(response.body)
    }

    /// The token as the Hub's other endpoints take it.
    private var bearer: Authorization? {
        guard case .basic(_, let token)? = remote.authorization else { return remote.authorization }
        return .bearer(token)
    }
}
