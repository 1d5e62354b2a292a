import Essentials
import HTTP
import SpacesModel

/// What a registry is shown of who asks: nothing, then a token for anybody, then the operator's credentials. What anybody
/// may read is read as anybody: so it is known whether the Hub's builder, which has no credentials, will get it.
struct RegistryAuthorization {
    private enum Presented { case nothing, anonymous, credentials }

    private(set) var authorization: Authorization?
    /// Whose credentials were shown.
    private(set) var user: String?
    /// A token service that is not named with the credentials that there are.
    private(set) var withheldFrom: String?
    /// Nobody gets the image without credentials.
    private(set) var isPrivate = false
    private var presented = Presented.nothing
    private var challenges: [RegistryChallenge] = []

    /// Takes the next step, if the answer asks for one.
    /// - Returns: whether to ask again.
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
        let answer = try await service.requestToken(nil)
        if answer.status == 200 {
            authorization = .bearer(try service.token(in: answer))
            return true
        }
        if [401, 403, 429].contains(answer.status) {
            isPrivate = answer.status != 429
            if try await authenticateWithCredentials(on: route) { return true }
        }
        throw responseError(answer, service)
    }

    private mutating func authenticateWithCredentials(on route: RegistryRedirectPolicy)
        async throws(DeployError) -> Bool
    {
        guard let own = route.client.credentials.first(where: { $0.covers(route.registry) }) else {
            return false
        }
        guard let bearer else {
            guard challenges.contains(where: { $0.scheme == "basic" }) else { return false }
            (presented, user) = (.credentials, own.user)
            authorization = .basic(user: own.user, password: own.password)
            return true
        }
        let service = try await RegistryTokenService(bearer, on: route)
        guard own.covers(service.origin) else {
            withheldFrom = service.origin.description
            return false
        }
        (presented, user) = (.credentials, own.user)
        let answer = try await service.requestToken(.basic(user: own.user, password: own.password))
        guard answer.status == 200 else { throw responseError(answer, service) }
        authorization = .bearer(try service.token(in: answer))
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
