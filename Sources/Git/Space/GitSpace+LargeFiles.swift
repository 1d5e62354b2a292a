import Essentials
import HTTP
import SpacesModel

extension GitSpace {
    /// Downloads a file from the Hub's `resolve` endpoint, which redirects to the storage
    /// (hub-api.md 3.4).
    package func content(
        ofLargeFile path: Path, at commit: ObjectID, limit: Int
    ) async throws(DeployError) -> [UInt8]? {
        // A path that is not UTF-8 has no URL.
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

    /// The token as a bearer token, which the Hub's other endpoints expect.
    private var bearer: Authorization? {
        guard case .basic(_, let token)? = remote.authorization else { return remote.authorization }
        return .bearer(token)
    }
}
