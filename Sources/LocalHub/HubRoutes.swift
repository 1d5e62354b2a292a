import Essentials
import HTTPServer
import TextTools

/// The shared context of all route handlers: the Spaces, the tokens and the access rules.
struct HubRoutes: Sendable {
    let registry: SpaceStore
    let tokenStore: TokenStore
    let options: HubOptions
    /// `localhost:PORT`.
    let authority: String
    let links: PresignedURLs

    /// Returns the account of the request's token; `nil` if the request has no `Authorization`
    /// header. The API uses Bearer, Git uses Basic, with the token as the password and any user
    /// name. Throws if the token is invalid.
    func caller(_ request: Request) throws(HubHTTPError) -> HubUser? {
        guard let field = request.fields["Authorization"] else { return nil }
        let parts = field.split(separator: " ", maxSplits: 1)
        guard parts.count == 2 else { throw .badToken }
        switch parts[0].lowercased() {
        case "bearer": return try tokenStore.account(of: String(parts[1]))
        case "basic":
            guard let data = Data(base64Encoded: String(parts[1])) else { throw .badToken }
            let pair = String(decoding: data, as: UTF8.self)
            guard let colon = pair.firstIndex(of: ":") else { throw .badToken }
            let token = String(pair[colon...].dropFirst())
            guard !token.isEmpty else { throw .badToken }
            return try tokenStore.account(of: token)
        default: throw .badToken
        }
    }

    /// Returns the account of the request's token. Throws a 401 error if there is none.
    func user(_ request: Request) throws(HubHTTPError) -> HubUser {
        guard let account = try caller(request) else { throw .badToken }
        return account
    }

    /// Returns the Space in the route's parameters. Throws if it does not exist or the caller
    /// cannot read it.
    func readableSpace(_ request: Request) async throws -> Space {
        let account = try caller(request)
        let space = await registry.space("\(request["owner"])/\(request["name"])")
        guard let space, !space.hidesFiles || account.map({ maySee($0, space) }) ?? false else {
            throw account == nil ? HubHTTPError.anonymous : .noSpace
        }
        return space
    }

    /// Returns the Space in the route's parameters. Throws if it does not exist or the caller
    /// cannot write to it.
    func writableSpace(_ request: Request) async throws -> Space {
        let space = try await readableSpace(request)
        guard let account = try caller(request) else { throw HubHTTPError.anonymous }
        guard mayChange(account, space) else { throw HubHTTPError.readOnly }
        return space
    }

    func maySee(_ account: HubUser, _ space: Space) -> Bool {
        isMember(account, of: space.owner) || account.spaces?.contains(space.id) ?? false
    }

    private func mayChange(_ account: HubUser, _ space: Space) -> Bool {
        if let spaces = account.spaces { return spaces.contains(space.id) }
        return account.role == .write && isMember(account, of: space.owner)
    }

    /// Returns whether the namespace is the account's user, or an organisation with that user as a
    /// member.
    func isMember(_ account: HubUser, of namespace: String) -> Bool {
        account.user == namespace || options.organizations[namespace]?.contains(account.user) ?? false
    }

    func organizations(of account: HubUser) -> [String] {
        options.organizations.filter { $0.value.contains(account.user) }.keys.sorted()
    }

    /// Returns the base URL of this Hub as the client addressed it.
    func base(_ request: Request) -> String { "http://" + (request.fields["Host"] ?? authority) }

    func url(of id: String, _ request: Request) -> String { "\(base(request))/spaces/\(id)" }
}

extension Request {
    /// Returns a number from the query, clamped to the bounds; the default if it is missing.
    func number(_ name: String, _ bounds: ClosedRange<Int>, default defaultValue: Int) -> Int {
        guard let value = target.value(name).flatMap({ Int($0) }) else { return defaultValue }
        return min(max(value, bounds.lowerBound), bounds.upperBound)
    }

    /// Returns the body as JSON, or an empty object if the body is empty. Throws a 400 error if it
    /// is invalid.
    func json() async throws -> JSON {
        let bytes = try await body.collect()
        if bytes.isEmpty { return .object([:]) }
        guard let value = JSON(bytes) else {
            throw HubHTTPError.badRequest("Invalid JSON in the request's body.")
        }
        return value
    }
}

/// Routes of the simulated apps at `http://SUBDOMAIN.localhost:PORT`.
extension HubRoutes {
    /// Returns the subdomain in the request's host; `nil` if the request is for the Hub itself.
    static func subdomain(of request: Request) -> String? {
        guard request.host.hasSuffix(".localhost") else { return nil }
        let name = request.host.dropLast(".localhost".count)
        return String(name.hasSuffix(".static") ? name.dropLast(7) : name)
    }

    /// Returns the response of a Space's app, as scripted in its `.hub.json`.
    func app(_ subdomain: String, _ request: Request) async throws -> Response {
        let account = try? caller(request)
        guard let space = await registry.space(subdomain: subdomain),
            !space.isPrivate || account.map({ maySee($0, space) }) ?? false
        else { return Self.page(404, "Sorry, we can't find the page you are looking for.") }
        if space.isStatic { return try await page(of: space, request) }
        // A real app reads the request body too, and its bytes count in the request log.
        _ = try await request.body.collect()
        let path = "/" + request.target.segments.joined(separator: "/")
        guard let (_, script, visit) = await registry.visit(space.id, path: path), space.isServing else {
            return Self.page(503, "The Space \(space.id) is not running: \(space.stage)")
        }
        guard let reply = script.reply(to: path, visit: visit) else {
            return .text("\(space.id) at \(space.serving ?? ""): played by the local Hub\n")
        }
        try await Task.sleep(for: reply.delay)
        var fields = HTTPFields()
        for (name, value) in reply.headers { fields[name] = value }
        return .text(reply.body, status: reply.status, fields: fields)
    }

    private static func page(_ status: Int, _ message: String) -> Response {
        .text(
            "<!doctype html><title>\(message)</title><h1>\(message)</h1>\n", status: status, type: "text/html"
        )
    }

    /// Returns a file of a static Space at its head.
    private func page(of space: Space, _ request: Request) async throws -> Response {
        guard let head = space.head, space.stage == "RUNNING" else { return Self.page(503, "Not running") }
        var path = request.target.segments.filter { !$0.isEmpty }.joined(separator: "/")
        if path.isEmpty { path = space.card["app_file"].string ?? "index.html" }
        let repository = registry.repository(space.id)
        guard let bytes = try await repository.file(path, at: head) else {
            return Self.page(404, "Not found")
        }
        if bytes.count < 1024, let pointer = HubLFSPointer(bytes) {
            return try .file(registry.store(space.id).object(pointer.oid), range: nil)
        }
        let fileExtension = path.split(separator: ".").last.map(String.init) ?? ""
        let type = Self.types[fileExtension] ?? "text/plain; charset=utf-8"
        return Response(fields: ["Content-Type": type], body: .bytes(bytes))
    }

    private static let types = [
        "html": "text/html; charset=utf-8", "css": "text/css; charset=utf-8", "js": "text/javascript",
        "json": "application/json", "svg": "image/svg+xml", "png": "image/png", "wasm": "application/wasm",
    ]
}

/// Token exchange for trusted publishers: the OIDC identity of a CI job for a token that can write
/// to one Space (hub-api.md 1.3, RFC 8693). All identities are accepted except those that begin
/// with `wrong`.
extension HubRoutes {
    func exchangeToken(_ request: Request) async throws -> Response {
        let body = try await request.json()
        guard body["grant_type"].string == "urn:ietf:params:oauth:grant-type:token-exchange",
            body["subject_token_type"].string == "urn:ietf:params:oauth:token-type:id_token",
            let identity = body["subject_token"].string, !identity.isEmpty
        else { return Self.refused("invalid_request", "Invalid token exchange request") }
        let resource = body["resource"].string ?? ""
        guard resource.hasPrefix("spaces/"), let space = HubSpaceName(resource),
            await registry.space(space.description) != nil, !identity.hasPrefix("wrong")
        else {
            return Self.refused(
                "invalid_grant", "No trusted publisher matches the provided identity token for this resource")
        }
        return .json([
            "access_token": .string(OIDCToken.token(of: space.description)), "token_type": "bearer",
            "issued_token_type": "urn:ietf:params:oauth:token-type:access_token", "expires_in": 3600,
        ])
    }

    private static func refused(_ error: String, _ description: String) -> Response {
        .json(["error": .string(error), "error_description": .string(description)], status: 400)
    }
}

/// The access token of a trusted publisher, which contains the id of the Space that it can write to.
enum OIDCToken {
    /// The user name of a trusted publisher.
    static let user = "[OIDC]"
    private static let prefix = "hf_jwt_"

    static func token(of space: String) -> String { prefix + Data(space.utf8).base64EncodedString() }

    /// Returns the id of the Space; `nil` if the token is not from a token exchange.
    static func space(of token: String) -> String? {
        guard token.hasPrefix(prefix), let data = Data(base64Encoded: String(token.dropFirst(prefix.count)))
        else {
            return nil
        }
        return String(bytes: data, encoding: .utf8)
    }
}
