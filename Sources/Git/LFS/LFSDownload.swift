import Deploy
import Foundation
import HTTP

/// Brings one object from the source's server into a spool. It comes in windows: nothing slows a sender down, and what
/// the disk does not take at once would gather in memory. After a break it goes on where it was.
struct LFSDownload: Sendable {
    let server: LFSServer
    let pointer: LFSPointer
    /// Bytes asked for at a time.
    let window: Int

    /// - Throws: cause `linkExpired` where another link may help; kind `source` for what is not what its name says.
    func run(_ link: LFSLink, into spool: Spool) async throws(Failure) {
        let address = try server.address(link.action.href)
        var headers = server.headers(of: link.action)
        let authorization = server.authorization(for: address, headers, isAuthenticated: link.isAuthenticated)
        var breaks = 0
        while await spool.length < pointer.size {
            let start = await spool.length
            headers["Range"] = "bytes=\(start)-\(min(start + window, pointer.size) - 1)"
            let request = Request(
                "GET", address, headers: headers, authorization: authorization, isRepeatable: true,
                responseLimit: max(pointer.size, 1 << 20))
            do throws(Failure) { try await fetch(request, from: start, into: spool) } catch {
                // A stream that breaks off is not repeated by the client.
                let isFarther = await spool.length > start
                guard error.kind == .tryLater, error.cause == nil, isFarther || breaks < 2 else {
                    throw error
                }
                breaks = isFarther ? 0 : breaks + 1
            }
        }
    }

    private func fetch(_ request: Request, from start: Int, into spool: Spool) async throws(Failure) {
        let answer: StreamedResponse
        do throws(HTTPFailure) { answer = try await server.client.stream(request, meter: server.meter) } catch
        {
            throw server.party.failure(error)
        }
        guard answer.isSuccess else { throw try await refusal(of: answer) }
        // A server that knows no ranges sends all of it, from its beginning.
        if answer.status != 206, start > 0 { await spool.clear() }
        let end = answer.status == 206 ? min(start + window, pointer.size) : pointer.size
        var chunks = answer.chunks.makeAsyncIterator()
        while let chunk = try await next(of: &chunks) {
            guard await spool.length + chunk.count <= end else {
                throw Failure(
                    .source,
                    "\(server.party.host) sends more than the \(pointer.size) bytes that its pointer says")
            }
            try await spool.append(chunk)
        }
        guard await spool.length > start || answer.status != 206 else {
            throw Failure(.tryLater, "\(server.party.host) sent nothing of it")
        }
    }

    private func next(of chunks: inout StreamedResponse.Chunks.Iterator) async throws(Failure) -> Data? {
        do throws(HTTPFailure) { return try await chunks.next() } catch { throw server.party.failure(error) }
    }

    private func refusal(of answer: StreamedResponse) async throws(Failure) -> Failure {
        do throws(HTTPFailure) {
            let response = try await answer.whole()
            let host = Origin(answer.url)?.shown ?? server.party.host
            var failure = Failure(
                answer.status >= 500 || answer.status == 429 ? .tryLater : .source,
                "\(host) did not give it (HTTP status \(answer.status))", details: StorageWords.of(response))
            failure.cause = .linkExpired
            return failure
        } catch { return server.party.failure(error) }
    }
}
