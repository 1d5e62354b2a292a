import Essentials
import HTTPServer
import TextTools

/// The shared context of all route handlers: the Spaces, the tokens and the access rules.
struct HubContext: Sendable {
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

    /// Returns the commit id of a revision, or the head if the revision is empty; `nil` if the
    /// Space has no head. Throws `HubHTTPError.noRevision` if the revision does not exist.
    func commit(_ revision: String, of space: Space) async throws -> String? {
        if revision.isEmpty || revision == "main" { return space.head }
        guard let commit = try await registry.repository(space.id).commit(revision) else {
            throw HubHTTPError.noRevision(revision)
        }
        return commit
    }

    /// Returns the `Link` header for the next page: `<url>; rel="next"`.
    func nextPage(_ request: Request, cursor: Int) -> String {
        let items = request.target.rawQuery.split(separator: "&").filter { !$0.hasPrefix("cursor=") }
        let query = (items + ["cursor=\(cursor)"]).joined(separator: "&")
        return "<\(base(request))\(request.target.rawPath)?\(query)>; rel=\"next\""
    }

    /// Returns 24 random hexadecimal digits.
    static func newKey() -> String {
        (0..<24).map { _ in String(UInt8.random(in: 0..<16), radix: 16) }.joined()
    }
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

/// An HTTP error response with the status, message and headers of the real Hub.
struct HubHTTPError: Error, Hashable, Sendable {
    var status: Int
    var message: String
    /// The `X-Error-Code` header.
    var code: String?
    /// `X-Error-Message`, if it differs from the message in the body.
    var headline: String?
    /// Additional members of the JSON body.
    var details: JSON.Object = [:]

    init(
        _ status: Int, _ message: String, code: String? = nil, headline: String? = nil,
        details: JSON.Object = [:]
    ) {
        (self.status, self.message, self.code) = (status, message, code)
        (self.headline, self.details) = (headline, details)
    }

    static let badToken = HubHTTPError(
        401, "Invalid username or password.", headline: "Invalid credentials in Authorization header")
    static let anonymous = HubHTTPError(401, "Invalid username or password.", code: "RepoNotFound")
    static let noSpace = HubHTTPError(404, "Repository not found", code: "RepoNotFound")
    static let noEntry = HubHTTPError(404, "Entry not found", code: "EntryNotFound")
    static let noRoute = HubHTTPError(404, "Sorry, we can't find the page you are looking for.")
    static func noRevision(_ revision: String) -> HubHTTPError {
        HubHTTPError(404, "Invalid rev id: \(revision)", code: "RevisionNotFound")
    }
    static let readOnly = HubHTTPError(
        403, "Forbidden: you must use a token with write access to this repository.")
    static func unknownHost(_ host: String) -> HubHTTPError {
        HubHTTPError(
            421,
            "The local Hub serves localhost, *.localhost and loopback addresses, not the host \"\(host.prefix(253))\"."
        )
    }
    static func badRequest(_ message: String) -> HubHTTPError { HubHTTPError(400, message) }

    /// The response of the API: JSON with the error's headers.
    var response: Response {
        var body = details
        body["error"] = .string(message)
        var result = Response.json(.object(body), status: status)
        if let code { result.fields["X-Error-Code"] = code }
        result.fields["X-Error-Message"] = headline ?? message
        return result
    }

    /// The response of the Git endpoints: plain text, of which Git shows each line after `remote: `.
    var plainResponse: Response {
        var result = Response.text(message, status: status)
        if status == 401 { result.fields["WWW-Authenticate"] = "Basic realm=\"Authentication required\"" }
        if let code { result.fields["X-Error-Code"] = code }
        return result
    }
}

extension Response {
    static func json(_ value: JSON, status: Int = 200) -> Response {
        .text(value.text, status: status, type: "application/json; charset=utf-8")
    }
}
