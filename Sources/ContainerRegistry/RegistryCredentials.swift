import Essentials
import HTTP
import SpacesModel

/// A user of a registry, and the hosts that may be told. Other hosts that the registry points to are not.
package struct RegistryCredentials: Hashable, Sendable {
    package var origins: Set<URLOrigin>
    package var user: String
    package var password: Secret

    /// - Parameter origin: of the registry. The origins that belong to it are added where they are known: Docker Hub
    ///   and GitLab have their token service elsewhere.
    package init(origin: URLOrigin, user: String, password: Secret) {
        (self.user, self.password) = (user, password)
        let family = Self.hostAliases.first { origin.scheme == "https" && $0.contains(origin.authority) }
        origins = Set(family?.map { URLOrigin(scheme: "https", host: $0, port: 443) } ?? [origin])
    }

    private static let hostAliases: [Set<String>] = [
        ["docker.io", "index.docker.io", "registry-1.docker.io", "auth.docker.io"],
        ["registry.gitlab.com", "gitlab.com"],
    ]

    /// Whether these may be told to the host.
    func covers(_ origin: Origin) -> Bool {
        origins.contains(URLOrigin(scheme: origin.scheme, host: origin.host, port: origin.port))
    }
}
