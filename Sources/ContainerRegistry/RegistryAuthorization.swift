import Essentials
import HTTP
import SpacesModel

/// The authentication state of an image's requests: none, then an anonymous token, then the operator's
/// credentials. A public image is read anonymously, which shows that the Hub's builder, which has no
/// credentials, can pull it.
struct RegistryAuthorization {
    private enum Presented { case nothing, anonymous, credentials }

    private(set) var authorization: Authorization?
    /// The user whose credentials were sent; `nil` if none were.
    private(set) var user: String?
    /// The token service that requires credentials but is not covered by the configured ones; `nil` if
    /// there is none.
    private(set) var withheldFrom: String?
    /// Whether the image can only be read with credentials.
    private(set) var isPrivate = false
    private var presented = Presented.nothing
    private var challenges: [RegistryChallenge] = []

    /// Authenticates with the next method if the response asks for it.
    /// - Returns: whether to repeat the request.
    mutating func escalate(after response: HTTPClientResponse, on route: RegistryRedirectPolicy)
        async throws(DeployError) -> Bool
    {
        switch presented {
        case .nothing:
            guard response.status == 401, let header = response.headers["WWW-Authenticate"] else {
                return false
            }
            challenges = RegistryChallenge.all(in: header)
            return try await authenticateAnonymously(on: route)
        case .anonymous:
            guard [401, 403, 429].contains(response.status) else { return false }
            isPrivate = response.status != 429
            return try await authenticateWithCredentials(on: route)
        case .credentials:
            return false
        }
    }

    private var bearer: RegistryChallenge? { challenges.first { $0.scheme == "bearer" } }

    private mutating func authenticateAnonymously(on route: RegistryRedirectPolicy) async throws(DeployError)
        -> Bool
    {
        guard let bearer else {
            isPrivate = true
            return try await authenticateWithCredentials(on: route)
        }
        let service = try await RegistryTokenService(bearer, on: route)
        presented = .anonymous
        let response = try await service.requestToken(nil)
        if response.status == 200 {
            authorization = .bearer(try service.token(in: response))
            return true
        }
        if [401, 403, 429].contains(response.status) {
            isPrivate = response.status != 429
            if try await authenticateWithCredentials(on: route) { return true }
        }
        throw responseError(response, service)
    }

    private mutating func authenticateWithCredentials(on route: RegistryRedirectPolicy)
        async throws(DeployError) -> Bool
    {
        guard let credentials = route.client.credentials.first(where: { $0.covers(route.registry) }) else {
            return false
        }
        guard let bearer else {
            guard challenges.contains(where: { $0.scheme == "basic" }) else { return false }
            (presented, user) = (.credentials, credentials.user)
            authorization = .basic(user: credentials.user, password: credentials.password)
            return true
        }
        let service = try await RegistryTokenService(bearer, on: route)
        guard credentials.covers(service.origin) else {
            withheldFrom = service.origin.description
            return false
        }
        (presented, user) = (.credentials, credentials.user)
        let response = try await service.requestToken(
            .basic(user: credentials.user, password: credentials.password))
        guard response.status == 200 else { throw responseError(response, service) }
        authorization = .bearer(try service.token(in: response))
        return true
    }

    private func responseError(_ response: HTTPClientResponse, _ service: RegistryTokenService) -> DeployError
    {
        RegistryError(
            image: service.route.image, host: service.origin.description, response: response, user: user,
            withheldFrom: withheldFrom
        ).failure
    }
}
