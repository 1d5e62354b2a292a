import Essentials
import HTTPServer

/// Entry point for all requests: injected faults, then app hosts, then API routes. Adds the Hub's
/// headers to every response.
struct HubRequestHandler: Sendable {
    let hubRoutes: HubRoutes
    let requestLog = RequestLog()
    private let faultInjector = FaultInjector()
    private let limits: RateLimit
    private let routes: Router

    init(hubRoutes: HubRoutes) {
        self.hubRoutes = hubRoutes
        limits = RateLimit(quota: hubRoutes.options.rateLimit, window: hubRoutes.options.rateWindow)
        routes = Router.hub(hubRoutes)
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
        if let subdomain = HubRoutes.subdomain(of: request) {
            return try await hubRoutes.app(subdomain, request)
        }
        let account = (try? hubRoutes.caller(request))?.user ?? "anonymous"
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
        return "Root=1-\(start)-\(HubRoutes.newKey())" + (trace.map { ";" + $0 } ?? "")
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
            await hubRoutes.registry.space(id) != nil
        else { throw HubHTTPError.badRequest("\"space\" and \"stage\" are required") }
        await hubRoutes.registry.pause(id, stage)
        if let message = body["errorMessage"].string {
            await hubRoutes.registry.change(id) { $0.errorMessage = message }
        }
    }
}
