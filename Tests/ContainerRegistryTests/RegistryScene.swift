import Digest
import Foundation
import HTTP
import Synchronization
import TestSupport
import Testing

@testable import ContainerRegistry
@testable import DockerSyntax
@testable import SpacesModel

/// A container registry on loopback with a token service, and a client that may use it.
struct RegistryScene {
    let server: RegistryServer
    let hub: RegistryClient
    let meter = TrafficCounter()

    init(
        _ shelf: RegistryShelf = RegistryShelf(), user: String? = nil, named: Bool = true
    ) throws {
        let host = Shared("")
        server = try RegistryServer { shelf.answer($0, at: host.value) }
        host.value = server.host
        var options = HTTPClientOptions()
        (options.clock, options.retries, options.idleTimeout) = (EagerClock(), 0, .seconds(10))
        let password = Secret("open sesame")
        let own = user.flatMap { user in
            password.map {
                let origin = URLOrigin(
                    scheme: "http", host: "127.0.0.1", port: Int(host.value.split(separator: ":")[1]) ?? 0)
                return RegistryCredentials(origin: origin, user: user, password: $0)
            }
        }
        hub = RegistryClient(
            HTTPClient(options), credentials: [own].compactMap { $0 },
            allowedHosts: named ? [server.host] : [], meter: meter)
    }

    func resolve(_ name: String = "o/app:1", known: String? = nil) async throws -> ResolvedImage {
        try await hub.resolve(ImageReference("\(server.host)/\(name)"), known: known)
    }

    /// Returns the error of a lookup that must fail.
    func failure(_ name: String = "o/app:1") async throws -> DeployError {
        try #require(await #expect(throws: DeployError.self) { try await resolve(name) })
    }
}

/// A thread-safe string that is set after the server that needs it is created.
final class Shared: Sendable {
    private let text: Mutex<String>
    init(_ text: String) { self.text = Mutex(text) }
    var value: String {
        get { text.withLock { $0 } }
        set { text.withLock { $0 = newValue } }
    }
}

/// The content and behaviour of a simulated container registry.
struct RegistryShelf: Sendable {
    struct Item: Sendable {
        var type: String
        var body: String
        var digest: String { RegistryManifest.digest(of: Data(body.utf8)) }
    }

    /// Items by their path below `/v2/`.
    var items: [String: Item] = [:]
    /// The required authorization: none, an anonymous token, a token issued only to a user, or a password.
    enum Door: Sendable { case open, token, userToken, basic }
    var door = Door.token
    /// Token service named in challenges; `nil` for the registry's own.
    var realm: String?
    /// Responses that replace the usual ones, by `METHOD /path` without the query.
    var instead: [String: RegistryServer.Answer] = [:]
    var tellsDigest = true

    static let index = "application/vnd.oci.image.index.v1+json"
    static let manifest = "application/vnd.oci.image.manifest.v1+json"
    static let basic = "Basic " + Data("me:open sesame".utf8).base64EncodedString()

    func answer(_ call: RegistryServer.Call, at host: String) -> RegistryServer.Answer {
        let path = String(call.path.prefix { $0 != "?" })
        if let answer = instead["\(call.method) \(path)"] { return answer }
        if path == "/token" { return token(call) }
        guard let refusal = challenge(call, host) else { return item(path) }
        return refusal
    }

    private func token(_ call: RegistryServer.Call) -> RegistryServer.Answer {
        let isUser = call.headers["authorization"] == Self.basic
        guard door != .userToken || isUser else {
            return .init(
                401, [], text: #"{"errors":[{"code":"UNAUTHORIZED","message":"authentication required"}]}"#)
        }
        return .init(
            200, ["Content-Type: application/json"], text: "{\"token\":\"ticket\",\"expires_in\":300}")
    }

    private func challenge(_ call: RegistryServer.Call, _ host: String) -> RegistryServer.Answer? {
        let shown = call.headers["authorization"]
        switch door {
        case .open: return nil
        case .basic:
            return shown == Self.basic
                ? nil : .init(401, ["WWW-Authenticate: Basic realm=\"here\""], text: "{}")
        case .token, .userToken:
            let realm = realm ?? "http://\(host)/token"
            let header =
                "WWW-Authenticate: Bearer realm=\"\(realm)\",service=\"a \\\"b\\\", c+d\",scope=\"evil:pull,push\""
            return shown == "Bearer ticket" ? nil : .init(401, [header], text: "{}")
        }
    }

    private func item(_ path: String) -> RegistryServer.Answer {
        guard let item = items[String(path.dropFirst("/v2/".count))] else {
            return .init(
                404, [], text: #"{"errors":[{"code":"MANIFEST_UNKNOWN","message":"manifest unknown"}]}"#)
        }
        let digest = tellsDigest ? ["Docker-Content-Digest: \(item.digest)"] : []
        return .init(200, ["Content-Type: \(item.type)"] + digest, text: item.body)
    }

    /// Returns a registry with an image index for these platforms at `o/app:1`.
    static func withIndex(_ platforms: String..., door: Door = .token) -> RegistryShelf {
        var shelf = RegistryShelf()
        shelf.door = door
        let entries = platforms.enumerated().map { position, platform in
            let parts = platform.split(separator: "/").map(String.init)
            let digest = "sha256:" + String(repeating: "\(position)", count: 64)
            let variant = parts.count == 3 ? ",\"variant\":\"\(parts[2])\"" : ""
            return
                "{\"digest\":\"\(digest)\",\"platform\":{\"os\":\"\(parts[0])\",\"architecture\":\"\(parts[1])\"\(variant)}}"
        }
        let body = "{\"schemaVersion\":2,\"manifests\":[\(entries.joined(separator: ","))]}"
        shelf.put(Item(type: index, body: body))
        return shelf
    }

    /// Returns a registry with an image for one platform at `o/app:1`.
    static func withImage(_ architecture: String, door: Door = .token) -> RegistryShelf {
        var shelf = RegistryShelf()
        shelf.door = door
        let config = Item(
            type: "application/octet-stream", body: "{\"os\":\"linux\",\"architecture\":\"\(architecture)\"}")
        shelf.items["o/app/blobs/\(config.digest)"] = config
        let body =
            "{\"schemaVersion\":2,\"config\":{\"digest\":\"\(config.digest)\"},\"layers\":[{\"size\":1000},{\"size\":234}]}"
        shelf.put(Item(type: manifest, body: body))
        return shelf
    }

    private mutating func put(_ item: Item) {
        items["o/app/manifests/1"] = item
        items["o/app/manifests/\(item.digest)"] = item
    }

    var digest: String { items["o/app/manifests/1"]?.digest ?? "" }
}
