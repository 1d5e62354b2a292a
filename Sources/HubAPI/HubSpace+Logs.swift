import Essentials
import HTTP
import SpacesModel

extension HubSpace {
    /// Reads `GET …/logs/{build,run}` (server-sent events). The Hub replays the stored lines first, in the same order
    /// each time, so that a stream that broke is taken up behind the events already seen.
    package func follow(_ log: LogKind, _ line: @escaping @Sendable (LogLine) async -> Void)
        async throws(DeployError)
    {
        var place = LogCursor()
        while true {
            do throws(DeployError) {
                return try await read(log, from: &place, silence: .seconds(120), line)
            } catch {
                guard error.kind == .tryLater, place.failures < LogCursor.maxFailures else { throw error }
            }
            try await backOff(after: place.failures)
        }
    }

    /// The same, behind the end of a stream too: an app that is started again goes on in the same log. It ends with the
    /// task, or a failure.
    package func followContinuously(_ log: LogKind, _ line: @escaping @Sendable (LogLine) async -> Void)
        async throws(DeployError)
    {
        var place = LogCursor()
        var rest = 0
        while true {
            let before = place.seen
            do throws(DeployError) {
                try await read(log, from: &place, silence: .seconds(120), line)
            } catch {
                guard error.kind == .tryLater, place.failures < LogCursor.maxFailures else { throw error }
            }
            rest = place.seen == before ? min(rest + 1, 4) : 0
            try await backOff(after: max(rest, place.failures))
        }
    }

    /// Hands on the lines that the Hub has of a log now, as they come; silence is their end.
    /// - Parameter tail: the Hub is asked for no more than the last so many.
    package func replay(
        _ log: LogKind, tail: Int? = nil, _ line: @escaping @Sendable (LogLine) async -> Void
    ) async throws(DeployError) {
        var place = LogCursor()
        while true {
            do throws(DeployError) {
                return try await read(log, from: &place, silence: .seconds(3), tail: tail, line)
            } catch {
                if place.isSilent { return }
                guard error.kind == .tryLater, place.failures < LogCursor.maxFailures else { throw error }
            }
            try await backOff(after: place.failures)
        }
    }

    /// The lines that the Hub has of a log now; the stream stays open behind them, so silence is their end.
    /// - Parameter tail: no more than the last so many.
    package func fetchStoredLines(_ log: LogKind, tail: Int? = nil) async throws(DeployError) -> [LogLine] {
        let lines = LogLines(keeping: tail ?? LogLines.limit)
        var place = LogCursor()
        do throws(DeployError) {
            try await read(log, from: &place, silence: .seconds(3)) { await lines.add($0) }
        } catch {
            guard place.isSilent else { throw error }
        }
        let all = await lines.all
        return tail.map { Array(all.suffix($0)) } ?? all
    }

    func backOff(after failures: Int) async throws(DeployError) {
        do {
            try await clock.sleep(for: .seconds(min(10, 1 << min(failures, 4))))
        } catch {
            throw failure(.cancelled)
        }
    }

    /// One stream, to its end.
    private func read(
        _ log: LogKind, from cursor: inout LogCursor, silence: Duration, tail: Int? = nil,
        _ line: @Sendable (LogLine) async -> Void
    ) async throws(DeployError) {
        let before = cursor.seen
        cursor.beginStream()
        do throws(DeployError) {
            var (events, pieces) = (
                ServerSentEvents(), try await openLog(log, silence, tail).chunks.makeAsyncIterator()
            )
            while let piece = try await nextChunk(&pieces, &cursor) {
                for event in events.consume(piece) where cursor.recordIfNew(event) {
                    for entry in cursor.collapsed(LogLine.lines(of: event)) { await line(entry) }
                }
            }
        } catch {
            cursor.recordDisconnect(hasProgressed: cursor.seen != before)
            throw error
        }
    }

    private func nextChunk(_ pieces: inout StreamedResponse.Chunks.Iterator, _ cursor: inout LogCursor)
        async throws(DeployError) -> Data?
    {
        do throws(HTTPError) {
            return try await pieces.next(isolation: nil)
        } catch {
            if case .timedOut(_, .idle) = error { cursor.isSilent = true }
            throw failure(error)
        }
    }

    private func openLog(_ log: LogKind, _ silence: Duration, _ tail: Int?) async throws(DeployError)
        -> StreamedResponse
    {
        let query = tail.map { "?tail=\($0)" } ?? ""
        return try await openEvents("/logs/\(log.rawValue)" + query, silence, of: "logs")
    }

    /// Opens a stream of server-sent events below the Space's own path; the Hub shows none to nobody.
    /// - Parameter what: for messages: `logs`.
    func openEvents(_ route: String, _ silence: Duration, of what: String) async throws(DeployError)
        -> StreamedResponse
    {
        guard hub.token != nil else {
            throw DeployError(
                .permissionDenied, "\(hub.host) shows the \(what) of \(space) only with a token",
                hint: "set HF_TOKEN or run hf auth login")
        }
        var request = try hub.makeRequest("GET", path + route, about: space.description)
        request.headers["Accept"] = "text/event-stream"
        (request.idleLimit, request.responseLimit, request.isEndless) = (silence, .max, true)
        let refused: HTTPClientResponse
        do throws(HTTPError) {
            let answer = try await hub.client.stream(request, meter: hub.meter)
            if answer.isSuccess { return answer }
            refused = try await answer.collect()
        } catch {
            throw failure(error, of: what)
        }
        throw hub.responseError(refused, about: space.description)
    }

    func failure(_ error: HTTPError, of what: String = "log") -> DeployError {
        DeployError(error, at: hub.host, while: "reading the \(what) of \(space)")
    }
}

private actor LogLines {
    /// Lines that are kept where nobody names a number.
    static let limit = 20_000
    private let capacity: Int
    private var last: [LogLine] = []

    init(keeping capacity: Int) { self.capacity = capacity }

    var all: [LogLine] { Array(last.suffix(capacity)) }

    func add(_ line: LogLine) {
        last.append(line)
        if last.count > 2 * capacity + 100 { last.removeFirst(last.count - capacity) }
    }
}
