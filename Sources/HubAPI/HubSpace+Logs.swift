import Essentials
import HTTP
import SpacesModel

extension HubSpace {
    /// Streams a log to its end: `GET …/logs/{build,run}` (server-sent events). The Hub replays the
    /// stored lines first, in the same order each time, so after a disconnect the events already seen
    /// are skipped.
    package func follow(_ log: LogKind, _ line: @escaping @Sendable (LogLine) async -> Void)
        async throws(DeployError)
    {
        var cursor = LogCursor()
        while true {
            do throws(DeployError) {
                return try await read(log, from: &cursor, silence: .seconds(120), line)
            } catch {
                guard error.kind == .tryLater, cursor.failures < LogCursor.maxFailures else { throw error }
            }
            try await backOff(after: cursor.failures)
        }
    }

    /// Streams a log like `follow`, and reconnects when a stream ends: an app that is restarted
    /// continues the same log. Returns only by throwing: if the task is cancelled, or on an error.
    package func followContinuously(_ log: LogKind, _ line: @escaping @Sendable (LogLine) async -> Void)
        async throws(DeployError)
    {
        var cursor = LogCursor()
        var idleStreams = 0
        while true {
            let before = cursor.seen
            do throws(DeployError) {
                try await read(log, from: &cursor, silence: .seconds(120), line)
            } catch {
                guard error.kind == .tryLater, cursor.failures < LogCursor.maxFailures else { throw error }
            }
            idleStreams = cursor.seen == before ? min(idleStreams + 1, 4) : 0
            try await backOff(after: max(idleStreams, cursor.failures))
        }
    }

    /// Streams the stored lines of a log; ends after 3 seconds without an event.
    /// - Parameter tail: the number of last lines to request; `nil` for all.
    package func replay(
        _ log: LogKind, tail: Int? = nil, _ line: @escaping @Sendable (LogLine) async -> Void
    ) async throws(DeployError) {
        var cursor = LogCursor()
        while true {
            do throws(DeployError) {
                return try await read(log, from: &cursor, silence: .seconds(3), tail: tail, line)
            } catch {
                if cursor.isSilent { return }
                guard error.kind == .tryLater, cursor.failures < LogCursor.maxFailures else { throw error }
            }
            try await backOff(after: cursor.failures)
        }
    }

    func backOff(after failures: Int) async throws(DeployError) {
        do {
            try await clock.sleep(for: .seconds(min(10, 1 << min(failures, 4))))
        } catch {
            throw failure(.cancelled)
        }
    }

    /// Reads one stream to its end.
    private func read(
        _ log: LogKind, from cursor: inout LogCursor, silence: Duration, tail: Int? = nil,
        _ line: @Sendable (LogLine) async -> Void
    ) async throws(DeployError) {
        let before = cursor.seen
        cursor.beginStream()
        do throws(DeployError) {
            var (events, chunks) = (
                ServerSentEvents(), try await openLog(log, silence, tail).chunks.makeAsyncIterator()
            )
            while let chunk = try await nextChunk(&chunks, &cursor) {
                for event in events.consume(chunk) where cursor.recordIfNew(event) {
                    for entry in cursor.collapsed(LogLine.lines(of: event)) { await line(entry) }
                }
            }
        } catch {
            cursor.recordDisconnect(hasProgressed: cursor.seen != before)
            throw error
        }
    }

    private func nextChunk(_ chunks: inout StreamedResponse.Chunks.Iterator, _ cursor: inout LogCursor)
        async throws(DeployError) -> Data?
    {
        do throws(HTTPError) {
            return try await chunks.next(isolation: nil)
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

    /// Opens a stream of server-sent events below the Space's path; the Hub requires a token for them.
    /// - Parameter what: the name of the stream for messages, such as `logs`.
    func openEvents(_ route: String, _ silence: Duration, of what: String) async throws(DeployError)
        -> StreamedResponse
    {
        guard hub.token != nil else {
            throw DeployError(
                .permissionDenied, "\(hub.host) requires a token for the \(what) of \(space)",
                hint: "set HF_TOKEN or run hf auth login")
        }
        var request = try hub.makeRequest("GET", path + route, about: space.description)
        request.headers["Accept"] = "text/event-stream"
        (request.idleLimit, request.responseLimit, request.isEndless) = (silence, .max, true)
        let errorResponse: HTTPClientResponse
        do throws(HTTPError) {
            let response = try await hub.client.stream(request, meter: hub.meter)
            if response.isSuccess { return response }
            errorResponse = try await response.collect()
        } catch {
            throw failure(error, of: what)
        }
        throw hub.responseError(errorResponse, about: space.description)
    }

    func failure(_ error: HTTPError, of what: String = "log") -> DeployError {
        DeployError(error, at: hub.host, while: "reading the \(what) of \(space)")
    }
}
