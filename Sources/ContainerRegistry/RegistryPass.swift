import Essentials
import HTTP
import SpacesModel

/// What a registry is shown of who asks: nothing, then a token for anybody, then the operator's credentials. What anybody
/// may read is read as anybody: so it is known whether the Hub's builder, which has no credentials, will get it.
struct RegistryPass {
    private enum Shown { case nothing, anonymous, credentials }

    private(set) var authorization: Authorization?
    /// Whose credentials were shown.
    private(set) var user: String?
    /// A token service that is not named with the credentials that there are.
    private(set) var withheldFrom: String?
    /// Nobody gets the image without credentials.
    private(set) var isPrivate = false
    private var shown = Shown.nothing
    private var challenges: [RegistryChallenge] = []

    /// Takes the next step, if the answer asks for one.
    /// - Returns: whether to ask again.
    mutating func improve(after answer: Response, on route: RegistryRoute) async throws(Failure) -> Bool {
        switch shown {
        case .nothing:
            guard answer.status == 401, let header = answer.headers["WWW-Authenticate"] else { return false }
            challenges = RegistryChallenge.all(in: header)
            return try await showNobody(on: route)
        case .anonymous:
            guard [401, 403, 429].contains(answer.status) else { return false }
            isPrivate = answer.status != 429
            return try await showCredentials(on: route)
        case .credentials:
            return false
        }
    }

    private var bearer: RegistryChallenge? { challenges.first { $0.scheme == "bearer" } }

    private mutating func showNobody(on route: RegistryRoute) async throws(Failure) -> Bool {
        guard let bearer else {
            isPrivate = true
            return try await showCredentials(on: route)
        }
        let service = try await RegistryTokenService(bearer, on: route)
        shown = .anonymous
        let answer = try await service.ask(nil)
        if answer.status == 200 {
            authorization = .bearer(try service.token(in: answer))
            return true
        }
        if [401, 403, 429].contains(answer.status) {
            isPrivate = answer.status != 429
            if try await showCredentials(on: route) { return true }
        }
        throw refusal(answer, service)
    }

    private mutating func showCredentials(on route: RegistryRoute) async throws(Failure) -> Bool {
        guard let own = route.client.credentials.first(where: { $0.name(route.registry) }) else {
            return false
        }
        guard let bearer else {
            guard challenges.contains(where: { $0.scheme == "basic" }) else { return false }
            (shown, user) = (.credentials, own.user)
            authorization = .basic(user: own.user, password: own.password)
            return true
        }
        let service = try await RegistryTokenService(bearer, on: route)
        guard own.name(service.origin) else {
            withheldFrom = service.origin.description
            return false
        }
        (shown, user) = (.credentials, own.user)
        let answer = try await service.ask(.basic(user: own.user, password: own.password))
        guard answer.status == 200 else { throw refusal(answer, service) }
        authorization = .bearer(try service.token(in: answer))
        return true
    }

    private func refusal(_ answer: Response, _ service: RegistryTokenService) -> Failure {
        RegistryRefusal(
            image: service.route.image, host: service.origin.description, response: answer, user: user,
            withheldFrom: withheldFrom
        ).failure
    }
}
