import Essentials
import HTTP
import SpacesModel

/// A repository behind Git's smart HTTP protocol: its URL, the client and the credentials.
package struct SmartHTTPRemote: Sendable {
    /// The URL without `/info/refs` and without a trailing slash. A redirect within the origin
    /// replaces it.
    var url: URL
    var client: HTTPClient
    var authorization: Authorization?
    var meter: TrafficCounter?
    var party: RemoteDescription
    /// The agent that is sent to Git servers, such as `spacesync/1.0`.
    var agent: String
    var allowedAddresses = AllowedAddresses.any

    package enum Service: String, Sendable {
        case uploadPack = "git-upload-pack"
        case receivePack = "git-receive-pack"
    }

    /// The maximum size of an advertisement, in bytes.
    private static let advertisementLimit = 64 << 20

    /// Fetches the ref advertisement for reading or writing. One request.
    mutating func advertisement(of service: Service) async throws(DeployError) -> RefAdvertisement {
        let address = url.appending("info/refs?service=\(service.rawValue)")
        var request = HTTPClientRequest(
            "GET", address, headers: ["Accept": "*/*"], authorization: authorization,
            responseLimit: Self.advertisementLimit)
        request.allowedAddresses = allowedAddresses
        let response = try await send(request)
        try party.examine(response, service: service, kind: "advertisement", hasToken: authorization != nil)
        follow(response.url)
        do throws(ProtocolError) { return try RefAdvertisement(response.body) } catch {
            throw party.failure(error, at: url)
        }
    }

    /// Replaces the URL after a redirect, such as that of a renamed Space, so that later requests
    /// go to the new address.
    private mutating func follow(_ address: URL) {
        guard let origin = Origin(address), origin == Origin(url),
            let end = address.absoluteString.firstRange(of: "/info/refs")
        else { return }
        url = URL(string: String(address.absoluteString[..<end.lowerBound])) ?? url
    }

    /// Returns a request to one of the two services. Only `git-upload-pack` requests are
    /// repeatable.
    func request(_ service: Service, _ body: HTTPClientRequest.Body) -> HTTPClientRequest {
        var request = HTTPClientRequest(
            "POST", url.appending(service.rawValue),
            headers: [
                "Content-Type": "application/x-\(service.rawValue)-request",
                "Accept": "application/x-\(service.rawValue)-result",
            ], body: body, authorization: authorization, isRepeatable: service == .uploadPack)
        request.allowedAddresses = allowedAddresses
        // Packs are compressed already.
        request.acceptsCompression = false
        // A server's checks before a push may take long, and so may packing a large tree.
        request.minIdleLimit = .seconds(120)
        request.responseLimit = service == .uploadPack ? 1 << 34 : 16 << 20
        return request
    }

    private func send(_ request: HTTPClientRequest) async throws(DeployError) -> HTTPClientResponse {
        do throws(HTTPError) { return try await client.send(request, meter: meter) } catch {
            throw party.failure(error)
        }
    }
}

extension URL {
    /// Returns the URL with a path and query appended; `appendingPathComponent` would
    /// percent-encode the question mark.
    package func appending(_ tail: String) -> URL {
        let base = absoluteString.hasSuffix("/") ? String(absoluteString.dropLast()) : absoluteString
        return URL(string: base + "/" + tail) ?? self
    }
}
