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

extension SmartHTTPRemote {
    /// The reason why one fetch attempt failed, which determines whether another attempt may
    /// succeed.
    enum FetchError: Error {
        case protocolError(ProtocolError)
        /// The connection broke during the response: the same request may be repeated.
        case connectionLost(DeployError)
        /// The disk is full: the same request may succeed if the store writes to another directory.
        case disk(DiskError)
        /// Another attempt would not help: missing permissions or no network.
        case final(DeployError)
    }

    /// Sends one request and writes the pack into the store while it arrives.
    func fetch(_ fetchRequest: FetchRequest, into store: ObjectStore) async throws(FetchError) {
        let response = try await open(request(.uploadPack, .bytes(fetchRequest.body)))
        guard response.isSuccess else { throw try await refusal(response) }
        let indexer = try await store.makePackIndexer()
        var (reader, chunks) = (UploadPackResponse(), response.chunks.makeAsyncIterator())
        while let chunk = try await next(&chunks) {
            let pack: [UInt8]
            do throws(ProtocolError) { pack = try reader.consume(chunk) } catch {
                throw .protocolError(error)
            }
            if !pack.isEmpty { try await indexer.append(pack) }
        }
        do throws(ProtocolError) { try reader.finish() } catch { throw .protocolError(error) }
        try await indexer.commit()
    }

    private func open(_ request: HTTPClientRequest) async throws(FetchError) -> StreamedResponse {
        do throws(HTTPError) { return try await client.stream(request, meter: meter) } catch {
            throw .final(party.failure(error))
        }
    }

    private func next(_ chunks: inout StreamedResponse.Chunks.Iterator) async throws(FetchError) -> Data? {
        do throws(HTTPError) { return try await chunks.next() } catch {
            let failure = party.failure(error)
            throw failure.kind == .tryLater ? .connectionLost(failure) : .final(failure)
        }
    }

    /// Whether every request would get this status: it is about permissions or an outage.
    static func isFinal(_ status: Int) -> Bool {
        [401, 402, 403, 404, 408, 410, 425, 429, 502, 503, 504].contains(status)
    }

    /// Returns the error for a status other than 200: `final` for permissions and outages,
    /// otherwise a protocol error, as the server may not support the request.
    private func refusal(_ response: StreamedResponse) async throws(FetchError) -> FetchError {
        var (body, chunks) = (Data(), response.chunks.makeAsyncIterator())
        while body.count < 64 << 10, let chunk = try await next(&chunks) { body.append(chunk) }
        let fullResponse = HTTPClientResponse(
            status: response.status, headers: response.headers, url: response.url, body: body)
        guard Self.isFinal(response.status) else {
            let message = party.messages(of: fullResponse).first
            // Some servers answer 500 or 501 to a capability that they lack: a simpler request may work.
            if response.status >= 500 { return .protocolError(.outage(status: response.status, message)) }
            return .protocolError(.remote(message ?? "HTTP status \(response.status)"))
        }
        return .final(party.failure(fullResponse, service: .uploadPack, hasToken: authorization != nil))
    }

    /// Fetches the references for reading, in one request. `ls-refs` of protocol version 2 returns
    /// only the wanted prefixes; the advertisement would contain every pull request of a large
    /// repository. If the server does not support `ls-refs`, the advertisement is used and the
    /// strategy is cached.
    mutating func references(
        _ prefixes: [String], strategyCache: FetchStrategyCache?
    ) async throws(DeployError) -> RefAdvertisement {
        guard strategyCache?.strategy(for: party.host, "refs") ?? .lean == .lean else {
            return try await advertisement(of: .uploadPack)
        }
        switch try await listing(prefixes) {
        case .listed(let references): return references
        case .moved: break
        case .notUnderstood: strategyCache?.remember(.advertised, for: party.host, "refs")
        }
        return try await advertisement(of: .uploadPack)
    }

    private enum Listing {
        case listed(RefAdvertisement)
        /// The repository has moved; a plain GET may follow the redirect.
        case moved
        case notUnderstood
    }

    private func listing(_ prefixes: [String]) async throws(DeployError) -> Listing {
        let response: HTTPClientResponse
        do throws(HTTPError) { response = try await client.send(lsRefs(prefixes), meter: meter) } catch {
            if case .redirect = error { return .moved }
            throw party.failure(error)
        }
        // The advertisement would fail in the same way if permissions are missing or the server is
        // down.
        if Self.isFinal(response.status) {
            throw party.failure(response, service: .uploadPack, hasToken: authorization != nil)
        }
        let type = response.headers["Content-Type"]?.lowercased() ?? ""
        guard response.isSuccess, type.hasPrefix("application/x-git-upload-pack-result"),
            let references = try? RefAdvertisement(listing: response.body)
        else { return .notUnderstood }
        return .listed(references)
    }

    private func lsRefs(_ prefixes: [String]) -> HTTPClientRequest {
        var packets: [PktLine] = [.line("command=ls-refs\n"), .line("agent=\(agent)\n"), .delimiter]
        packets += [.line("peel\n"), .line("symrefs\n")]
        packets += prefixes.map { .line("ref-prefix \($0)\n") } + [.flush]
        var request = request(.uploadPack, .bytes(Data(packets.flatMap(\.bytes))))
        request.headers["Git-Protocol"] = "version=2"
        (request.responseLimit, request.acceptsCompression) = (64 << 20, true)
        return request
    }
}
