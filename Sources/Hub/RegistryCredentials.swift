import Deploy
import Foundation
import HTTP

/// A user of a registry, and the hosts that may be told. Other hosts that the registry points to are not.
package struct RegistryCredentials: Hashable, Sendable {
    /// With the port where it is not 443, in lower case.
    package var hosts: Set<String>
    package var user: String
    package var password: Secret

    /// - Parameter host: of the registry, as it stands in names of images. The hosts that belong to it are added where
    ///   they are known: Docker Hub and GitLab keep their token service elsewhere.
    package init(host: String, user: String, password: Secret) {
        let host = host.lowercased()
        (self.user, self.password) = (user, password)
        hosts = Self.families.first { $0.contains(host) } ?? [host]
    }

    private static let families: [Set<String>] = [
        ["docker.io", "index.docker.io", "registry-1.docker.io", "auth.docker.io"],
        ["registry.gitlab.com", "gitlab.com"],
    ]

    /// Whether these may be told to the host.
    func name(_ origin: Origin) -> Bool { hosts.contains(origin.description) }
}
