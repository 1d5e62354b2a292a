import Essentials
import HTTP
import SpacesModel

extension SmartHTTPRemote {
    /// Why one way of asking brought nothing: the next may.
    enum FetchError: Error {
        case protocolError(ProtocolError)
        /// The connection broke in the middle of the answer: the same question may be asked again.
        case connectionLost(DeployError)
        /// The disk is full: the same question helps if the answer is put elsewhere.
        case disk(DiskError)
        /// Nothing else will help: no right, no network.
        case final(DeployError)
    }

    /// Asks once, and puts the pack into the store as it comes.
    func fetch(_ fetchRequest: FetchRequest, into store: ObjectStore) async throws(FetchError) {
        let answer = try await open(request(.uploadPack, .bytes(fetchRequest.body)))
        guard answer.isSuccess else { throw try await refusal(answer) }
        let intake = try await store.makePackIndexer()
        var (reader, chunks) = (UploadPackResponse(), answer.chunks.makeAsyncIterator())
        while let chunk = try await next(&chunks) {
            let pack: [UInt8]
            do throws(ProtocolError) { pack = try reader.consume(chunk) } catch {
                throw .protocolError(error)
            }
            if !pack.isEmpty { try await intake.append(pack) }
        }
        do throws(ProtocolError) { try reader.finish() } catch { throw .protocolError(error) }
        try await intake.commit()
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

    /// Whether a status says the same to every request: it is about rights, or about an outage.
    static func isFinal(_ status: Int) -> Bool {
        [401, 402, 403, 404, 408, 410, 425, 429, 502, 503, 504].contains(status)
    }

    /// What a status other than 200 means: for rights and outages the end, else a question that was not understood.
    private func refusal(_ response: StreamedResponse) async throws(FetchError) -> FetchError {
        var (body, chunks) = (Data(), response.chunks.makeAsyncIterator())
        while body.count < 64 << 10, let chunk = try await next(&chunks) { body.append(chunk) }
        let whole = HTTPClientResponse(
            status: response.status, headers: response.headers, url: response.url, body: body)
        guard Self.isFinal(response.status) else {
            let words = party.messages(of: whole).first
            // Some servers answer 500 or 501 to a capability that they lack: a simpler request may work.
            if response.status >= 500 { return .protocolError(.outage(status: response.status, words)) }
            return .protocolError(.remote(words ?? "HTTP status \(response.status)"))
        }
        return .final(party.failure(whole, service: .uploadPack, hasToken: authorization != nil))
    }
}
