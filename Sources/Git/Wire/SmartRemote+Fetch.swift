import Essentials
import HTTP
import SpacesModel

extension SmartRemote {
    /// Why one way of asking brought nothing: the next may.
    enum FetchFault: Error {
        case wire(WireFault)
        /// The connection broke in the middle of the answer: the same question may be asked again.
        case broken(Failure)
        /// The disk is full: the same question helps if the answer is put elsewhere.
        case disk(DiskFault)
        /// Nothing else will help: no right, no network.
        case final(Failure)
    }

    /// Asks once, and puts the pack into the store as it comes.
    func fetch(_ wanted: FetchRequest, into store: ObjectStore) async throws(FetchFault) {
        let answer = try await open(request(.uploadPack, .bytes(wanted.body)))
        guard answer.isSuccess else { throw try await refusal(answer) }
        let intake = try await store.intake()
        var (reader, chunks) = (FetchAnswer(), answer.chunks.makeAsyncIterator())
        while let chunk = try await next(&chunks) {
            let pack: [UInt8]
            do throws(WireFault) { pack = try reader.take(chunk) } catch { throw .wire(error) }
            if !pack.isEmpty { try await intake.append(pack) }
        }
        do throws(WireFault) { try reader.finish() } catch { throw .wire(error) }
        try await intake.commit()
    }

    private func open(_ request: Request) async throws(FetchFault) -> StreamedResponse {
        do throws(HTTPFailure) { return try await client.stream(request, meter: meter) } catch {
            throw .final(party.failure(error))
        }
    }

    private func next(_ chunks: inout StreamedResponse.Chunks.Iterator) async throws(FetchFault) -> Data? {
        do throws(HTTPFailure) { return try await chunks.next() } catch {
            let failure = party.failure(error)
            throw failure.kind == .tryLater ? .broken(failure) : .final(failure)
        }
    }

    /// Whether a status says the same to every request: it is about rights, or about an outage.
    static func isFinal(_ status: Int) -> Bool {
        [401, 402, 403, 404, 408, 410, 425, 429, 502, 503, 504].contains(status)
    }

    /// What a status other than 200 means: for rights and outages the end, else a question that was not understood.
    private func refusal(_ answer: StreamedResponse) async throws(FetchFault) -> FetchFault {
        var (body, chunks) = (Data(), answer.chunks.makeAsyncIterator())
        while body.count < 64 << 10, let chunk = try await next(&chunks) { body.append(chunk) }
        let whole = Response(status: answer.status, headers: answer.headers, url: answer.url, body: body)
        guard Self.isFinal(answer.status) else {
            let words = party.words(of: whole).first
            // Some servers answer 500 or 501 to a capability that they lack: a simpler request may work.
            if answer.status >= 500 { return .wire(.outage(status: answer.status, words)) }
            return .wire(.remote(words ?? "HTTP status \(answer.status)"))
        }
        return .final(party.failure(whole, service: .uploadPack, hasToken: authorization != nil))
    }
}
