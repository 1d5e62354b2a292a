import Essentials
import HTTP
import SpacesModel

extension HubSpace {
    /// Reads `GET …/logs/{build,run}` (server-sent events). The Hub replays the stored lines first, in the same order
    /// each time, so that a stream that broke is taken up behind the events already seen.
    package func follow(_ log: LogKind, _ line: @escaping @Sendable (LogLine) async -> Void)
        async throws(Failure)
    {
        var place = LogPlace()
        while true {
            do throws(Failure) {
                return try await read(log, from: &place, silence: .seconds(120), line)
            } catch {
                guard error.kind == .tryLater, place.faults < LogPlace.faultsAllowed else { throw error }
            }
            try await pause(after: place.faults)
        }
    }

    /// The same, behind the end of a stream too: an app that is started again goes on in the same log. It ends with the
    /// task, or a failure.
    package func followOn(_ log: LogKind, _ line: @escaping @Sendable (LogLine) async -> Void)
        async throws(Failure)
    {
        var place = LogPlace()
        var rest = 0
        while true {
            let before = place.seen
            do throws(Failure) {
                try await read(log, from: &place, silence: .seconds(120), line)
            } catch {
                guard error.kind == .tryLater, place.faults < LogPlace.faultsAllowed else { throw error }
            }
            rest = place.seen == before ? min(rest + 1, 4) : 0
            try await pause(after: max(rest, place.faults))
        }
    }

    /// Hands on the lines that the Hub has of a log now, as they come; silence is their end.
    /// - Parameter tail: the Hub is asked for no more than the last so many.
    package func replay(
        _ log: LogKind, tail: Int? = nil, _ line: @escaping @Sendable (LogLine) async -> Void
    ) async throws(Failure) {
        var place = LogPlace()
        while true {
            do throws(Failure) {
                return try await read(log, from: &place, silence: .seconds(3), tail: tail, line)
            } catch {
                if place.isSilent { return }
                guard error.kind == .tryLater, place.faults < LogPlace.faultsAllowed else { throw error }
            }
            try await pause(after: place.faults)
        }
    }

    /// The lines that the Hub has of a log now; the stream stays open behind them, so silence is their end.
    /// - Parameter tail: no more than the last so many.
    package func stored(_ log: LogKind, tail: Int? = nil) async throws(Failure) -> [LogLine] {
        let lines = LogLines(keeping: tail ?? LogLines.limit)
        var place = LogPlace()
        do throws(Failure) {
            try await read(log, from: &place, silence: .seconds(3)) { await lines.add($0) }
        } catch {
            guard place.isSilent else { throw error }
        }
        let all = await lines.all
        return tail.map { Array(all.suffix($0)) } ?? all
    }

    func pause(after faults: Int) async throws(Failure) {
        do {
            try await clock.sleep(for: .seconds(min(10, 1 << min(faults, 4))))
        } catch {
            throw failure(.cancelled)
        }
    }

    /// One stream, to its end.
    private func read(
        _ log: LogKind, from place: inout LogPlace, silence: Duration, tail: Int? = nil,
        _ line: @Sendable (LogLine) async -> Void
    ) async throws(Failure) {
        let before = place.seen
        place.begin()
        do throws(Failure) {
            var (events, pieces) = (
                ServerSentEvents(), try await open(log, silence, tail).chunks.makeAsyncIterator()
            )
            while let piece = try await next(&pieces, &place) {
                for event in events.take(piece) where place.isNew(event) {
                    for entry in place.collapsed(LogLine.lines(of: event)) { await line(entry) }
                }
            }
        } catch {
            place.broke(hasMoved: place.seen != before)
            throw error
        }
    }

    private func next(_ pieces: inout StreamedResponse.Chunks.Iterator, _ place: inout LogPlace)
        async throws(Failure) -> Data?
    {
        do throws(HTTPFailure) {
            return try await pieces.next(isolation: nil)
        } catch {
            if case .timedOut(_, .idle) = error { place.isSilent = true }
            throw failure(error)
        }
    }

    private func open(_ log: LogKind, _ silence: Duration, _ tail: Int?) async throws(Failure)
        -> StreamedResponse
    {
        let query = tail.map { "?tail=\($0)" } ?? ""
        return try await events("/logs/\(log.rawValue)" + query, silence, of: "logs")
    }

    /// Opens a stream of server-sent events below the Space's own path; the Hub shows none to nobody.
    /// - Parameter what: for messages: `logs`.
    func events(_ route: String, _ silence: Duration, of what: String) async throws(Failure)
        -> StreamedResponse
    {
        guard hub.token != nil else {
            throw Failure(
                .notAllowed, "\(hub.host) shows the \(what) of \(space) only with a token",
                hint: "set HF_TOKEN or run hf auth login")
        }
        var request = try hub.request("GET", path + route, about: space.description)
        request.headers["Accept"] = "text/event-stream"
        (request.idleLimit, request.responseLimit, request.isEndless) = (silence, .max, true)
        let refused: Response
        do throws(HTTPFailure) {
            let answer = try await hub.client.stream(request, meter: hub.meter)
            if answer.isSuccess { return answer }
            refused = try await answer.whole()
        } catch {
            throw failure(error, of: what)
        }
        throw hub.refusal(refused, about: space.description)
    }

    func failure(_ error: HTTPFailure, of what: String = "log") -> Failure {
        Failure(error, at: hub.host, while: "reading the \(what) of \(space)")
    }
}

private actor LogLines {
    /// Lines that are kept where nobody names a number.
    static let limit = 20_000
    private let kept: Int
    private var last: [LogLine] = []

    init(keeping kept: Int) { self.kept = kept }

    var all: [LogLine] { Array(last.suffix(kept)) }

    func add(_ line: LogLine) {
        last.append(line)
        if last.count > 2 * kept + 100 { last.removeFirst(last.count - kept) }
    }
}
