import Essentials
import HTTPServer
import TextTools

/// What every route works with: the Spaces, and who may do what with them.
struct HubRoutes: Sendable {
    let registry: SpaceStore
    let tokenStore: TokenStore
    let options: HubOptions
    /// `localhost:PORT`.
    let authority: String
    let links: PresignedURLs

    /// Who asks; nil for nobody in particular. Bearer for the API; for Git the password counts, whatever the user.
    func caller(_ request: Request) throws(HubHTTPError) -> HubUser? {
        guard let field = request.fields["Authorization"] else { return nil }
        let words = field.split(separator: " ", maxSplits: 1)
        guard words.count == 2 else { throw .badToken }
        switch words[0].lowercased() {
        case "bearer": return try tokenStore.account(of: String(words[1]))
        case "basic":
            guard let data = Data(base64Encoded: String(words[1])) else { throw .badToken }
            let pair = String(decoding: data, as: UTF8.self)
            guard let colon = pair.firstIndex(of: ":") else { throw .badToken }
            let token = String(pair[colon...].dropFirst())
            guard !token.isEmpty else { throw .badToken }
            return try tokenStore.account(of: token)
        default: throw .badToken
        }
    }

    /// The caller, who must be somebody.
    func user(_ request: Request) throws(HubHTTPError) -> HubUser {
        guard let account = try caller(request) else { throw .badToken }
        return account
    }

    /// The Space a route names, when the caller may see it.
    func readableSpace(_ request: Request) async throws -> Space {
        let account = try caller(request)
        let space = await registry.space("\(request["owner"])/\(request["name"])")
        guard let space, !space.hidesFiles || account.map({ maySee($0, space) }) ?? false else {
            throw account == nil ? HubHTTPError.anonymous : .noSpace
        }
        return space
    }

    /// The Space a route names, when the caller may change it.
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

    /// A namespace is its user's own, or an organisation's members'.
    func isMember(_ account: HubUser, of namespace: String) -> Bool {
        account.user == namespace || options.organizations[namespace]?.contains(account.user) ?? false
    }

    func organizations(of account: HubUser) -> [String] {
        options.organizations.filter { $0.value.contains(account.user) }.keys.sorted()
    }

    /// The address the client knows this Hub by.
    func base(_ request: Request) -> String { "http://" + (request.fields["Host"] ?? authority) }

    func url(of id: String, _ request: Request) -> String { "\(base(request))/spaces/\(id)" }
}

extension Request {
    /// A number of the query, kept within bounds.
    func number(_ name: String, _ bounds: ClosedRange<Int>, default usual: Int) -> Int {
        guard let given = target.value(name).flatMap({ Int($0) }) else { return usual }
        return min(max(given, bounds.lowerBound), bounds.upperBound)
    }

    /// The body as JSON; an empty one is an empty object.
    func json() async throws -> JSON {
        let bytes = try await body.collect()
        if bytes.isEmpty { return .object([:]) }
        guard let value = JSON(bytes) else {
            throw HubHTTPError.badRequest("Invalid JSON in the request's body.")
        }
        return value
    }
}
