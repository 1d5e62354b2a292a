import Essentials
import HTTPServer
import TextTools

/// Logs, stages and metrics as event streams (sections 4.7 and 4.8 of the facts).
extension HubRoutes {
    func logs(_ request: Request) async throws -> Response {
        _ = try user(request)
        let space = try await readableSpace(request), isBuild = request["kind"] == "build"
        guard isBuild || request["kind"] == "run" else { throw HubHTTPError.noRoute }
        let tail = request.number("tail", 0...1_000_000, default: 1_000_000)
        let closes = isBuild && options.closesBuildLogs
        return stream(of: space) { outlet, wakeups in
            var sent = 0, build: Int?
            for await _ in wakeups {
                guard let space = await registry.space(space.id) else { return }
                let entries = isBuild ? space.buildLog : space.runLog
                // A newer build has its own log: the client comes back for it.
                if build != nil, build != space.builds, sent > 0 { return }
                if build == nil { sent = max(0, entries.count - tail) }
                build = space.builds
                let fresh = entries.dropFirst(sent)
                sent = max(sent, entries.count)
                let text = fresh.map { "data: \($0.json.text)\n\n" }.joined()
                try await outlet.write(text.isEmpty ? ": keep-alive\n\n" : text)
                let isWaiting = await registry.space(space.id)?.awaitsBuild == true
                if closes, !isWaiting, !space.stage.hasSuffix("BUILDING") { return }
            }
        }
    }

    func events(_ request: Request) async throws -> Response {
        _ = try user(request)
        return stream(of: try await readableSpace(request)) {
            [id = try await readableSpace(request).id] outlet, wakeups in
            var told = ""
            for await _ in wakeups {
                guard let space = await registry.space(id) else { return }
                try await outlet.write(
                    space.stage == told ? ": keep-alive\n\n" : "event: stage\ndata: \(space.stage)\n\n")
                told = space.stage
            }
        }
    }

    func metrics(_ request: Request) async throws -> Response {
        _ = try user(request)
        let space = try await readableSpace(request)
        if space.isStatic { throw HubHTTPError(406, "Space is stale") }
        let script = await registry.visit(space.id, path: "\u{0}")?.1 ?? HubScenario(nil)
        let played = script.metrics
        return Response(
            fields: Self.streamFields,
            body: .stream { outlet in
                var turn = 0
                while !Task.isCancelled {
                    let metric =
                        played.isEmpty ? Self.metric(turn, space) : played[min(turn, played.count - 1)]
                    try await outlet.write("event: metric\ndata: \(metric.text)\n\n")
                    turn += 1
                    try await Task.sleep(for: .seconds(1))
                }
            })
    }

    private static func metric(_ tick: Int, _ space: Space) -> JSON {
        [
            "cpu_usage_pct": .number(Double(tick % 5) + 0.5), "cpu_millicores": 2000,
            "memory_used_bytes": .int(200_000_000 + tick * 4096), "memory_total_bytes": .int(17_179_869_184),
            "rx_bps": .int(tick % 3 * 100), "tx_bps": .int(tick % 3 * 200), "gpus": [:],
            "replica": .string(String(space.key.prefix(5))),
        ]
    }

    private static let streamFields: HTTPFields = [
        "Content-Type": "text/event-stream; charset=utf-8", "Cache-Control": "no-cache",
    ]

    private func stream(
        of space: Space,
        _ write: @escaping @Sendable (ResponseBodyWriter, AsyncStream<Void>) async throws -> Void
    ) -> Response {
        let beat = options.keepAliveInterval
        return Response(
            fields: Self.streamFields,
            body: .stream { [registry] outlet in
                try await write(outlet, await registry.changes(of: space.id, beat: beat))
            })
    }
}
