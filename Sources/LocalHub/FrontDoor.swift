import Essentials
import HTTPServer

/// Every request comes in here: faults first, then apps by host, then routes; each answer gets the Hub's headers.
struct FrontDoor: Sendable {
    let desk: Desk
    let ledger = Ledger()
    private let faults = Faults()
    private let limits: RateLimit
    private let routes: Router

    init(desk: Desk) {
        self.desk = desk
        limits = RateLimit(quota: desk.options.rateLimit, window: desk.options.rateWindow)
        routes = Router.hub(desk)
    }

    func answer(_ request: Incoming) async -> Answer {
        do {
            guard LoopbackHost.accepts(request.host) else { throw Refusal.unknownHost(request.host) }
            if request.target.segments.first == "_hub" { return try await control(request) }
            guard let fault = await faults.take(for: request) else { return try await usual(request) }
            return try await faults.play(fault, request, usual)
        } catch {
            return Self.answer(to: error)
        }
    }

    private func usual(_ request: Incoming) async throws -> Answer {
        if let subdomain = Desk.subdomain(of: request) { return try await desk.app(subdomain, request) }
        let account = (try? desk.caller(request))?.user ?? "anonymous"
        let bucket = request.target.segments.first == "api" ? "api" : "pages"
        let (fields, isOver) = await limits.count(account, bucket: bucket)
        var answer: Answer
        do {
            if isOver {
                throw Refusal(429, "You have exceeded our rate limit. We invite you to retry later.")
            }
            answer = try await routes.answer(request)
        } catch {
            answer = Self.answer(to: error)
        }
        for field in fields.all { answer.fields[field.name] = field.value }
        answer.fields["X-Powered-By"] = "huggingface-moon"
        answer.fields["X-Request-Id"] = Self.requestID(request.fields["X-Amzn-Trace-Id"])
        return answer
    }

    private static func answer(to error: any Error) -> Answer {
        switch error {
        case let refusal as Refusal: refusal.answer
        case let malformed as Malformed: Refusal(malformed.status, malformed.reason).answer
        default: Refusal(500, "Internal error of the local Hub: \(error)").answer
        }
    }

    /// `Root=1-<8hex>-<24hex>;<trace>`.
    private static func requestID(_ trace: String?) -> String {
        let start = String(Int(Date().timeIntervalSince1970), radix: 16)
        return "Root=1-\(start)-\(Desk.newKey())" + (trace.map { ";" + $0 } ?? "")
    }

    /// The rehearsal's own controls.
    private func control(_ request: Incoming) async throws -> Answer {
        switch (request.method, request.target.segments.dropFirst().first) {
        case ("GET", "requests"): return .json(await ledger.tell())
        case ("DELETE", "requests"): await ledger.clear()
        case ("GET", "faults"): return .json(await faults.tell())
        case ("POST", "faults"): await faults.add(try await request.json())
        case ("GET", "held"): return .json(await faults.tellHeld())
        case ("DELETE", "faults"): await faults.clear()
        case ("POST", "stage"): try await setStage(request)
        default: throw Refusal.noRoute
        }
        return .json([:])
    }

    /// `POST /_hub/stage {"space", "stage", "errorMessage"?}` puts a Space into any stage.
    private func setStage(_ request: Incoming) async throws {
        let body = try await request.json()
        guard let id = body["space"].string, let stage = body["stage"].string,
            await desk.registry.space(id) != nil
        else { throw Refusal.badRequest("\"space\" and \"stage\" are required") }
        await desk.registry.pause(id, stage)
        if let message = body["errorMessage"].string {
            await desk.registry.change(id) { $0.errorMessage = message }
        }
    }
}
