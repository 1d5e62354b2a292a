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

/// The user name and password for a registry, and the origins that they may be sent to. They are not
/// sent to other hosts that the registry redirects to.
package struct RegistryCredentials: Hashable, Sendable {
    package var origins: Set<URLOrigin>
    package var user: String
    package var password: Secret

    /// - Parameter origin: the registry's origin. Known further origins of the same service are added:
    ///   Docker Hub and GitLab have their token service on another host.
    package init(origin: URLOrigin, user: String, password: Secret) {
        (self.user, self.password) = (user, password)
        let aliases = Self.hostAliases.first { origin.scheme == "https" && $0.contains(origin.authority) }
        origins = Set(aliases?.map { URLOrigin(scheme: "https", host: $0, port: 443) } ?? [origin])
    }

    private static let hostAliases: [Set<String>] = [
        ["docker.io", "index.docker.io", "registry-1.docker.io", "auth.docker.io"],
        ["registry.gitlab.com", "gitlab.com"],
    ]

    /// Whether the credentials may be sent to the origin.
    func covers(_ origin: Origin) -> Bool {
        origins.contains(URLOrigin(scheme: origin.scheme, host: origin.host, port: origin.port))
    }
}

/// One challenge of `WWW-Authenticate` (RFC 9110 11.6.1): an authentication scheme that a registry accepts.
struct RegistryChallenge: Hashable {
    /// The authentication scheme in lower case: `bearer`, `basic`.
    var scheme: String
    /// Parameters by name, in lower case. The first of several with the same name counts.
    var parameters: [String: String] = [:]

    /// Parses all challenges of a header's value, up to the first that is malformed.
    static func all(in header: String) -> [RegistryChallenge] {
        var reader = Reader(remaining: header[...])
        return reader.challenges()
    }

    private struct Reader {
        var remaining: Substring

        mutating func challenges() -> [RegistryChallenge] {
            var challenges: [RegistryChallenge] = []
            while let name = nextName() {
                guard consume("=") else {
                    challenges.append(RegistryChallenge(scheme: name))
                    continue
                }
                guard !challenges.isEmpty, let value = value() else { return challenges }
                challenges[challenges.count - 1].parameters.merge([name: value]) { first, _ in first }
            }
            return challenges
        }

        /// Consumes the next token after spaces, tabs and commas, and returns it in lower case.
        private mutating func nextName() -> String? {
            remaining = remaining.drop { $0 == " " || $0 == "\t" || $0 == "," }
            let name = remaining.prefix {
                $0.isASCII && ($0.isLetter || $0.isNumber || "-_.!#$%&'*+^`|~".contains($0))
            }
            remaining = remaining.dropFirst(name.count)
            return name.isEmpty ? nil : name.lowercased()
        }

        private mutating func consume(_ character: Character) -> Bool {
            let trimmed = remaining.drop { $0 == " " || $0 == "\t" }
            guard trimmed.first == character else { return false }
            remaining = trimmed.dropFirst()
            return true
        }

        private mutating func value() -> String? {
            guard consume("\"") else {
                let value = remaining.prefix { $0 != "," && $0 != " " && $0 != "\t" }
                remaining = remaining.dropFirst(value.count)
                return String(value)
            }
            var text = ""
            while let character = remaining.popFirst() {
                if character == "\"" { return text }
                guard let unescaped = character == "\\" ? remaining.popFirst() : character else { return nil }
                text.append(unescaped)
            }
            return nil
        }
    }
}
