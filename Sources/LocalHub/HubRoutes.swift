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
