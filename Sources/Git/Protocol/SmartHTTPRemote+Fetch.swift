import Essentials
import HTTP
import SpacesModel

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
}
