import Deploy
import Foundation
import HTTP

/// Who may be asked about an image. Its name may come from anybody, and what a registry says leads further: to a token
/// service, to storage. None of it may lead into the network that this machine stands in (design 4).
struct RegistryGate: Sendable {
    /// Hosts that the operator named, with or without their port, in lower case.
    var named: Set<String>
    var lookUp: @Sendable (String) async -> [RegistryAddress] = RegistryAddress.lookUp

    /// What speaks against asking there; nil when nothing does.
    /// - Parameter registry: only it may be spoken to without TLS, and only on loopback.
    func objection(to url: URL, registry: Origin) async -> String? {
        guard let origin = Origin(url), ["http", "https"].contains(origin.scheme) else {
            return "it is no https address"
        }
        guard url.user == nil, url.password == nil else { return "it holds a user's name or password" }
        guard Self.isPlain(origin.host) else { return "its host is no plain name" }
        let isNamed = isNamed(origin)
        guard origin.scheme == "https" || (isNamed && origin == registry && origin.isLoopback) else {
            return "it is not https"
        }
        return isNamed ? nil : await inside(origin.host)
    }

    func isNamed(_ origin: Origin) -> Bool {
        let host = origin.host.contains(":") ? "[\(origin.host)]" : origin.host
        return [host, "\(host):\(origin.port)"].contains { named.contains($0) }
    }

    private func inside(_ host: String) async -> String? {
        var name = host[...]
        while name.last == "." { name = name.dropLast() }
        let isAddress = name.contains(":")
        let isLocal =
            ["localhost", "local", "internal", "intranet", "lan"].contains {
                name == $0 || name.hasSuffix(".\($0)")
            }
        guard !isLocal, isAddress || name.contains(".") else {
            return "it is a name of this machine or of a private network"
        }
        let found = await lookUp(host).first { $0.isInside }
        return found.map { "its address \($0) is this machine's or a private network's" }
    }

    /// Names and addresses; nothing that one reader might take for another host than the next.
    private static func isPlain(_ host: String) -> Bool {
        !host.isEmpty && host.count < 254
            && host.utf8.allSatisfy { byte in
                ("a"..."z").contains(Character(UnicodeScalar(byte)))
                    || ("0"..."9").contains(Character(UnicodeScalar(byte))) || "-._:".utf8.contains(byte)
            }
    }
}
