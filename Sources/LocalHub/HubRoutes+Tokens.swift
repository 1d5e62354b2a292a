import Essentials
import HTTPServer

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
