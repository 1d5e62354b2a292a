import Essentials
import HTTP
import SpacesModel

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
