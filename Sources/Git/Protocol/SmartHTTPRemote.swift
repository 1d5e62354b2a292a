import Essentials
import HTTP
import SpacesModel

/// One repository behind smart HTTP: its three addresses, and who asks.
package struct SmartHTTPRemote: Sendable {
    /// Without `/info/refs`, without a slash at the end. A redirect within the origin replaces it.
    var url: URL
    var client: HTTPClient
    var authorization: Authorization?
    var meter: TrafficCounter?
    var party: RemoteDescription
    /// How we name ourselves to Git: `spacesync/1.0`.
    var agent: String
    var allowedAddresses = AllowedAddresses.any

    package enum Service: String, Sendable {
        case uploadPack = "git-upload-pack"
        case receivePack = "git-receive-pack"
    }

    /// The longest advertisement that is taken. Bytes.
    private static let advertisementLimit = 64 << 20

    /// Asks what the repository has, for reading or for writing. One request.
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

    /// A Space that was renamed answers from its new address: the requests that follow go there at once.
    private mutating func follow(_ address: URL) {
        guard let origin = Origin(address), origin == Origin(url),
            let end = address.absoluteString.firstRange(of: "/info/refs")
        else { return }
        url = URL(string: String(address.absoluteString[..<end.lowerBound])) ?? url
    }

    /// A request to one of the two services; `git-upload-pack` may be asked again, `git-receive-pack` never.
    func request(_ service: Service, _ body: HTTPClientRequest.Body) -> HTTPClientRequest {
        var request = HTTPClientRequest(
            "POST", url.appending(service.rawValue),
            headers: [
                "Content-Type": "application/x-\(service.rawValue)-request",
                "Accept": "application/x-\(service.rawValue)-result",
            ], body: body, authorization: authorization, isRepeatable: service == .uploadPack)
        request.allowedAddresses = allowedAddresses
        // Packs are compressed as they are.
        request.acceptsCompression = false
        // Checks before a push may take long, and packing a large tree too.
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
    /// The address of something below; a plain `appendingPathComponent` would quote the question mark.
    package func appending(_ tail: String) -> URL {
        let base = absoluteString.hasSuffix("/") ? String(absoluteString.dropLast()) : absoluteString
        return URL(string: base + "/" + tail) ?? self
    }
}
