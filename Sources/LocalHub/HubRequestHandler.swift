import Essentials
import HTTPServer
import TextTools

/// Entry point for all requests: injected faults, then app hosts, then API routes. Adds the Hub's
/// headers to every response.
struct HubRequestHandler: Sendable {
    let hub: HubContext
    let requestLog = RequestLog()
    private let faultInjector = FaultInjector()
    private let limits: RateLimit
    private let routes: Router

    init(hub: HubContext) {
        self.hub = hub
        limits = RateLimit(quota: hub.options.rateLimit, window: hub.options.rateWindow)
        routes = Router.hub(hub)
    }

    func handle(_ request: Request) async -> Response {
        do {
            guard LoopbackHost.accepts(request.host) else { throw HubHTTPError.unknownHost(request.host) }
            if request.target.segments.first == "_hub" { return try await handleControl(request) }
            guard let fault = await faultInjector.consume(for: request) else {
                return try await handleNormally(request)
            }
            return try await faultInjector.inject(fault, request, handleNormally)
        } catch {
            return Self.errorResponse(to: error)
        }
    }

    private func handleNormally(_ request: Request) async throws -> Response {
        if let subdomain = AppRoutes.subdomain(of: request) {
            return try await AppRoutes(hub: hub).app(subdomain, request)
        }
        let account = (try? hub.caller(request))?.user ?? "anonymous"
        let bucket = request.target.segments.first == "api" ? "api" : "pages"
        let (fields, isOver) = await limits.count(account, bucket: bucket)
        var response: Response
        do {
            if isOver {
                throw HubHTTPError(429, "You have exceeded our rate limit. We invite you to retry later.")
            }
            response = try await routes.handle(request)
        } catch {
            response = Self.errorResponse(to: error)
        }
        for field in fields.fields { response.fields[field.name] = field.value }
        response.fields["X-Powered-By"] = "huggingface-moon"
        response.fields["X-Request-Id"] = Self.requestID(request.fields["X-Amzn-Trace-Id"])
        return response
    }

    private static func errorResponse(to error: any Error) -> Response {
        switch error {
        case let hubError as HubHTTPError: hubError.response
        case let badRequest as BadRequest: HubHTTPError(badRequest.status, badRequest.reason).response
        default: HubHTTPError(500, "Internal error of the local Hub: \(error)").response
        }
    }

    /// Returns `Root=1-<8hex>-<24hex>;<trace>`.
    private static func requestID(_ trace: String?) -> String {
        let start = String(Int(Date().timeIntervalSince1970), radix: 16)
        return "Root=1-\(start)-\(HubContext.newKey())" + (trace.map { ";" + $0 } ?? "")
    }

    /// Handles the control routes below `/_hub`.
    private func handleControl(_ request: Request) async throws -> Response {
        switch (request.method, request.target.segments.dropFirst().first) {
        case ("GET", "requests"): return .json(await requestLog.json())
        case ("DELETE", "requests"): await requestLog.clear()
        case ("GET", "faults"): return .json(await faultInjector.json())
        case ("POST", "faults"): await faultInjector.add(try await request.json())
        case ("GET", "held"): return .json(await faultInjector.heldJSON())
        case ("DELETE", "faults"): await faultInjector.clear()
        case ("POST", "stage"): try await setStage(request)
        default: throw HubHTTPError.noRoute
        }
        return .json([:])
    }

    /// Handles `POST /_hub/stage {"space", "stage", "errorMessage"?}`, which sets the stage of a
    /// Space.
    private func setStage(_ request: Request) async throws {
        let body = try await request.json()
        guard let id = body["space"].string, let stage = body["stage"].string,
            await hub.registry.space(id) != nil
        else { throw HubHTTPError.badRequest("\"space\" and \"stage\" are required") }
        await hub.registry.pause(id, stage)
        if let message = body["errorMessage"].string {
            await hub.registry.change(id) { $0.errorMessage = message }
        }
    }
}

/// The host names that a server on a loopback address accepts. This prevents DNS rebinding attacks:
/// a web page whose host name resolves to 127.0.0.1 sends its own name in `Host`, and is rejected.
enum LoopbackHost {
    /// Returns whether the server accepts the host.
    /// - Parameter host: the value of `Host` without its port, in lower case. Clients of HTTP/1.0
    ///   may send none.
    static func accepts(_ host: String) -> Bool {
        if host.isEmpty || host == "localhost" || host.hasSuffix(".localhost") { return true }
        if host == "[::1]" { return true }
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
    }
}

/// A rate limit per account with a fixed window, which is 300 seconds on the real Hub (hub-api.md
/// 8.3).
actor RateLimit {
    private let quota: Int
    /// The length of the window in seconds.
    private let length: Int
    private var window = 0
    private var used: [String: Int] = [:]

    init(quota: Int, window: Duration = .seconds(300)) {
        (self.quota, length) = (quota, Int(max(1, window.components.seconds)))
    }

    /// Counts a request and returns the `RateLimit` headers of its response.
    func count(_ account: String, bucket: String) -> (fields: HTTPFields, isOver: Bool) {
        let now = Int(Date().timeIntervalSince1970)
        if now / length != window { (window, used) = (now / length, [:]) }
        used["\(bucket) \(account)", default: 0] += 1
        let remaining = quota - used["\(bucket) \(account)", default: 0]
        let fields: HTTPFields = [
            "RateLimit": "\"\(bucket)\";r=\(max(remaining, 0));t=\(length - now % length)",
            "RateLimit-Policy": "\"fixed window\";\"\(bucket)\";q=\(quota);w=\(length)",
        ]
        return (fields, remaining < 0)
    }
}

/// The log of requests to the Hub. `GET /_hub/requests` returns it as an array of `{method, path,
/// query, host, status, request_bytes, response_bytes, user_agent, authorization, connection, time,
/// seconds}`. The byte counts are those of the bodies as sent; `status` is 0 if a simulated error
/// suppressed the response. `authorization` is only the scheme (`Basic`, `Bearer`, or null): tokens
/// are never stored. `DELETE` clears the log.
actor RequestLog {
    private var entries: [JSON] = []
    private let limit = 50_000

    func record(_ entry: AccessLogEntry) {
        guard entry.target.segments.first != "_hub", entries.count < limit else { return }
        let scheme = entry.fields["Authorization"]?.split(separator: " ").first
        entries.append([
            "method": .string(entry.method), "path": .string(entry.target.rawPath),
            "query": .string(entry.target.rawQuery), "host": .string(entry.fields["Host"] ?? ""),
            "status": .int(entry.status), "request_bytes": .int(entry.requestBytes),
            "response_bytes": .int(entry.responseBytes),
            "user_agent": .string(entry.fields["User-Agent"] ?? ""),
            "authorization": scheme.map { .string(String($0)) } ?? .null,
            "connection": .int(entry.connection), "time": .string(entry.started.hubText),
            "seconds": .number(entry.seconds),
        ])
    }

    func json() -> JSON { .array(entries) }
    func clear() { entries = [] }
}
