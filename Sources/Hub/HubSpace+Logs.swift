import Deploy
import Foundation
import HTTP

extension HubSpace {
    /// Reads `GET …/logs/{build,run}` (server-sent events). The Hub replays the stored lines first, in the same order
    /// each time, so that a stream that broke is taken up behind the events already seen.
    package func follow(_ log: LogKind, _ line: @escaping @Sendable (LogLine) async -> Void)
        async throws(Failure)
    {
        guard hub.token != nil else {
            throw Failure(
                .notAllowed, "\(hub.host) shows the logs of \(space) only with a token",
                hint: "set HF_TOKEN or run hf auth login")
        }
        var (seen, faults) = (0, 0)
        while true {
            let before = seen
            let answer = try await open(log)
            do throws(HTTPFailure) {
                return try await read(answer, &seen, line)
            } catch {
                if case .cancelled = error { throw failure(error) }
                faults = seen > before ? 0 : faults + 1
                // A log is silent while nothing happens: that is no fault of anybody's.
                if case .timedOut(_, .idle) = error { faults = 0 }
                guard faults <= Self.faultsAllowed else { throw failure(error) }
            }
            try await pause(after: faults)
        }
    }

    private static var faultsAllowed: Int { 5 }

    private func failure(_ error: HTTPFailure) -> Failure {
        Failure(error, at: hub.host, while: "reading the log of \(space)")
    }

    private func pause(after faults: Int) async throws(Failure) {
        do {
            try await clock.sleep(for: .seconds(min(10, 1 << min(faults, 4))))
        } catch {
            throw failure(.cancelled)
        }
    }

    private func open(_ log: LogKind) async throws(Failure) -> StreamedResponse {
        var request = try hub.request("GET", path + "/logs/\(log.rawValue)", about: space.description)
        request.headers["Accept"] = "text/event-stream"
        (request.idleLimit, request.responseLimit) = (.seconds(120), .max)
        request.warmUp = try hub.request("GET", path + "/runtime", about: space.description).url
        let refused: Response
        do throws(HTTPFailure) {
            let answer = try await hub.client.stream(request, meter: hub.meter)
            if answer.isSuccess { return answer }
            refused = try await answer.whole()
        } catch {
            throw failure(error)
        }
        throw hub.refusal(refused, about: space.description)
    }

    /// One stream, to its end; the events seen before are passed over.
    private func read(
        _ answer: StreamedResponse, _ seen: inout Int, _ line: @Sendable (LogLine) async -> Void
    ) async throws(HTTPFailure) {
        var (events, position) = (ServerSentEvents(), 0)
        var pieces = answer.chunks.makeAsyncIterator()
        while let piece = try await pieces.next(isolation: nil) {
            for value in events.take(piece) where value.first == UInt8(ascii: "{") {
                position += 1
                guard position > seen else { continue }
                seen = position
                for entry in LogLine.lines(of: value) { await line(entry) }
            }
        }
    }
}

extension LogLine {
    /// The lines of one event, `{"data": "text\n", "timestamp": "…"}`; usually one.
    static func lines(of event: Data) -> [LogLine] {
        guard let json = JSONValue(event), let text = json["data"]?.string else { return [] }
        var parts = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
        if parts.last == "" { parts.removeLast() }
        if parts.isEmpty { parts = [""] }
        return parts.map { LogLine(text: String($0), timestamp: json["timestamp"]?.string) }
    }
}
