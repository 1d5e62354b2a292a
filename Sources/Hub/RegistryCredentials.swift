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

extension RegistryCredentials {
    /// What `docker login` left in its configuration (`auths`), in the order of the hosts' names. Helper programs that it
    /// names are not run. None when there is no such file.
    /// - Throws: `.settings` when the file cannot be read.
    package static func read(dockerConfig path: String) throws(Failure) -> [RegistryCredentials] {
        guard FileManager.default.fileExists(atPath: path) else { return [] }
        let attributes = try? FileManager.default.attributesOfItem(
            atPath: URL(fileURLWithPath: path).resolvingSymlinksInPath().path)
        let isFile = attributes?[.type] as? FileAttributeType == .typeRegular
        let size = (attributes?[.size] as? NSNumber)?.intValue ?? .max
        guard isFile, size <= 1 << 20, let data = FileManager.default.contents(atPath: path),
            let config = JSONValue(data)
        else {
            throw Failure(
                .settings, "\(path) cannot be read as docker's configuration",
                hint: "docker login writes it anew")
        }
        let entries = config["auths"]?.object ?? [:]
        return entries.sorted { $0.key < $1.key }.compactMap { credentials(for: $0.key, $0.value) }
    }

    /// `"ghcr.io": {"auth": base64 of USER:PASSWORD}`; older files hold a URL as the key, and the two apart.
    private static func credentials(for key: String, _ entry: JSONValue) -> RegistryCredentials? {
        let host = key.split(separator: "/").first { !["https:", "http:"].contains($0) }.map(String.init)
        var pair = (user: entry["username"]?.string ?? "", password: entry["password"]?.string ?? "")
        if let coded = entry["auth"]?.string, let data = Data(base64Encoded: coded) {
            let halves = String(decoding: data, as: UTF8.self).split(separator: ":", maxSplits: 1)
            guard halves.count == 2 else { return nil }
            pair = (String(halves[0]), String(halves[1]))
        }
        let isSafe = (pair.user + pair.password).unicodeScalars.allSatisfy {
            $0.value >= 32 && $0.value != 127
        }
        guard let host, !pair.user.isEmpty, isSafe, let password = Secret(pair.password) else { return nil }
        return RegistryCredentials(host: host, user: pair.user, password: password)
    }
}
