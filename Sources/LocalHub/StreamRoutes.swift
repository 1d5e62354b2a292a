import Essentials
import HTTPServer
import TextTools

/// Routes for logs, stages and metrics as event streams (hub-api.md 4.7 and 4.8).
struct StreamRoutes: Sendable {
    let hub: HubContext

    func logs(_ request: Request) async throws -> Response {
        _ = try hub.user(request)
        let space = try await hub.readableSpace(request), isBuild = request["kind"] == "build"
        guard isBuild || request["kind"] == "run" else { throw HubHTTPError.noRoute }
        let tail = request.number("tail", 0...1_000_000, default: 1_000_000)
        let closes = isBuild && hub.options.closesBuildLogs
        return stream(of: space) { writer, wakeups in
            var sent = 0, build: Int?
            for await _ in wakeups {
                guard let space = await hub.registry.space(space.id) else { return }
                let entries = isBuild ? space.buildLog : space.runLog
                // A newer build has its own log, for which the client connects again.
                if build != nil, build != space.builds, sent > 0 { return }
                if build == nil { sent = max(0, entries.count - tail) }
                build = space.builds
                let fresh = entries.dropFirst(sent)
                sent = max(sent, entries.count)
                let text = fresh.map { "data: \($0.json.text)\n\n" }.joined()
                try await writer.write(text.isEmpty ? ": keep-alive\n\n" : text)
                let isWaiting = await hub.registry.space(space.id)?.awaitsBuild == true
                if closes, !isWaiting, !space.stage.hasSuffix("BUILDING") { return }
            }
        }
    }

    func events(_ request: Request) async throws -> Response {
        _ = try hub.user(request)
        return stream(of: try await hub.readableSpace(request)) {
            [id = try await hub.readableSpace(request).id] writer, wakeups in
            var lastStage = ""
            for await _ in wakeups {
                guard let space = await hub.registry.space(id) else { return }
                try await writer.write(
                    space.stage == lastStage ? ": keep-alive\n\n" : "event: stage\ndata: \(space.stage)\n\n")
                lastStage = space.stage
            }
        }
    }

    func metrics(_ request: Request) async throws -> Response {
        _ = try hub.user(request)
        let space = try await hub.readableSpace(request)
        if space.isStatic { throw HubHTTPError(406, "Space is stale") }
        let script = await hub.registry.visit(space.id, path: "\u{0}")?.1 ?? HubScenario(nil)
        let scriptedMetrics = script.metrics
        return Response(
            fields: Self.streamFields,
            body: .stream { writer in
                var index = 0
                while !Task.isCancelled {
                    let metric =
                        scriptedMetrics.isEmpty
                        ? Self.metric(index, space) : scriptedMetrics[min(index, scriptedMetrics.count - 1)]
                    try await writer.write("event: metric\ndata: \(metric.text)\n\n")
                    index += 1
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
        let beat = hub.options.keepAliveInterval
        return Response(
            fields: Self.streamFields,
            body: .stream { [registry = hub.registry] writer in
                try await write(writer, await registry.changes(of: space.id, beat: beat))
            })
    }
}
