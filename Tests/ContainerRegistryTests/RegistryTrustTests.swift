import Foundation
import HTTP
import TestSupport
import Testing

@testable import ContainerRegistry
@testable import DockerSyntax
@testable import SpacesModel

/// Tests that a registry cannot direct requests or credentials to hosts that are not trusted.
struct RegistryTrustTests {
    @Test(arguments: [
        "http://169.254.169.254/latest/meta-data", "https://169.254.169.254/token", "file:///etc/passwd",
        "ftp://ghcr.io/token", "http://ghcr.io/token", "https://localhost/token", "https://localhost./token",
        "https://me:secret@ghcr.io/token", "https://10.0.0.1/token", "https://[::1]/token",
        "https://[::ffff:127.0.0.1]/token", "https://[fd00:ec2::254]/token", "https://0x7f.1/token",
        "https://2130706433/token", "https://metadata.google.internal/x", "https://registry/token",
        "https:///token",
        "/token", "", "%", "https://127.0.0.1:1/token",
    ])
    func `an untrusted realm is not requested`(_ realm: String) async throws {
        var shelf = RegistryShelf.withIndex("linux/amd64")
        shelf.realm = realm
        let scene = try RegistryScene(shelf, user: "me")
        let failure = try await scene.failure()
        #expect(failure.kind == .refused)
        #expect(failure.message.contains("which is not followed: it"), "\(failure.message)")
        #expect(scene.server.lines == ["GET /v2/o/app/manifests/1"])
        #expect(!"\(failure)".contains("secret"))
    }

    @Test func `another port of this machine is another origin`() async throws {
        let other = try RegistryServer { _ in .init(200, [], text: #"{"token":"ticket"}"#) }
        var shelf = RegistryShelf.withIndex("linux/amd64", door: .userToken)
        shelf.realm = "http://\(other.host)/token"
        let failure = try await RegistryScene(shelf, user: "me").failure()
        #expect(failure.message.contains("it is not https"))
        #expect(other.calls.isEmpty)
    }

    @Test(arguments: [
        "http://169.254.169.254/x", "file:///etc/passwd", "https://10.1.2.3/x", "//localhost/x",
    ])
    func `a redirect to a private address is not followed`(_ location: String) async throws {
        var shelf = RegistryShelf.withIndex("linux/amd64", door: .open)
        shelf.instead["GET /v2/o/app/manifests/1"] = .init(307, ["Location: \(location)"])
        let scene = try RegistryScene(shelf)
        let failure = try await scene.failure()
        #expect(failure.kind == .refused)
        #expect(failure.message.contains("which is not followed"))
        #expect(scene.server.calls.count == 1)
    }

    @Test func `a redirect within the registry is followed`() async throws {
        var shelf = RegistryShelf.withImage("amd64")
        let blob = try #require(shelf.items.first { $0.key.contains("blobs") })
        shelf.instead["GET /v2/\(blob.key)"] = .init(302, ["Location: /storage/x?sig=1"])
        shelf.instead["GET /storage/x"] = .init(200, [], text: blob.value.body)
        #expect(try await RegistryScene(shelf).resolve().digest == shelf.digest)
    }

    @Test func `the number of redirects is limited`() async throws {
        var shelf = RegistryShelf.withIndex("linux/amd64", door: .open)
        shelf.instead["GET /v2/o/app/manifests/1"] = .init(302, ["Location: /v2/o/app/manifests/1"])
        let scene = try RegistryScene(shelf)
        #expect(try await scene.failure().kind == .refused)
        #expect(scene.server.calls.count == 6)
    }

    @Test func `the size of a response body is limited`() async throws {
        var shelf = RegistryShelf.withIndex("linux/amd64", door: .open)
        let body = [UInt8](repeating: UInt8(ascii: " "), count: 5 << 20)
        shelf.instead["GET /v2/o/app/manifests/1"] = .init(200, [], body)
        let failure = try await RegistryScene(shelf).failure()
        #expect(failure.kind == .refused)
        #expect(failure.message.contains("longer than 4194304 bytes"))
    }

    @Test(arguments: [
        "Bearer", "Bearer realm", "Bearer realm=", "Bearer realm=\"", "Bearer realm=\"x\\", "=", "\"\"",
        ",,,",
        "Digest realm=\"x\", nonce=\"y\"", "Negotiate abc==", "Basic", "\u{1f4a3}",
    ])
    func `an unknown or invalid challenge is an error`(_ header: String) async throws {
        var shelf = RegistryShelf.withIndex("linux/amd64")
        shelf.instead["GET /v2/o/app/manifests/1"] = .init(401, ["WWW-Authenticate: \(header)"], text: "{}")
        let failure = try await RegistryScene(shelf).failure()
        #expect([.permissionDenied, .refused].contains(failure.kind))
    }

    @Test(arguments: [
        "{\"token\":\"a\\r\\nX: y\"}", "{\"token\":\"\"}", "{}", "no json", "{\"token\":\"ti\u{e9}\"}",
    ])
    func `an invalid token is not sent`(_ body: String) async throws {
        var shelf = RegistryShelf.withIndex("linux/amd64")
        shelf.instead["GET /token"] = .init(200, [], text: body)
        let scene = try RegistryScene(shelf)
        #expect(try await scene.failure().kind == .tryLater)
        #expect(scene.server.calls.count == 2)
    }

    @Test func `a registry on this machine is not contacted unless it is allowed`() async throws {
        let scene = try RegistryScene(.withIndex("linux/amd64"), named: false)
        let failure = try await scene.failure()
        #expect(failure.kind == .settings)
        #expect(failure.message.contains("is not contacted: its address 127.0.0.1 belongs to this machine"))
        #expect(scene.server.calls.isEmpty)
    }
}

struct ForeignGateTests {
    private func rejection(
        _ text: String, named: Set<String> = [], addresses: [IPAddress] = []
    ) async throws -> String? {
        let gate = SSRFGuard(allowedHosts: named) { _ in addresses }
        let registry = try #require(URL(string: "http://127.0.0.1:5000").flatMap { Origin($0) })
        return await gate.rejectionReason(to: try #require(URL(string: text)), trustedOrigin: registry)
    }

    @Test func `a host name that resolves to a private address is rejected`() async throws {
        #expect(try await rejection("https://ghcr.io/v2", addresses: [.v4([140, 82, 112, 33])]) == nil)
        #expect(
            try await rejection(
                "https://ghcr.io/v2", addresses: [.v4([140, 82, 112, 33]), .v4([10, 0, 0, 1])]) != nil)
        #expect(try await rejection("https://ghcr.io/v2") == nil, "behind a proxy names need not be known")
    }

    @Test func `an allowed host may have a private address if it uses TLS`() async throws {
        let inside = [IPAddress.v4([10, 0, 0, 1])]
        #expect(
            try await rejection("https://registry.lan/v2", named: ["registry.lan"], addresses: inside) == nil)
        #expect(
            try await rejection("https://registry.lan:5000/", named: ["registry.lan:5000"], addresses: inside)
                == nil)
        #expect(
            try await rejection("https://registry.lan:5001/", named: ["registry.lan:5000"], addresses: inside)
                != nil)
        #expect(
            try await rejection("http://registry.lan/v2", named: ["registry.lan"], addresses: inside)
                == "it is not https")
        #expect(try await rejection("http://127.0.0.1:5000/v2", named: ["127.0.0.1:5000"]) == nil)
        #expect(
            try await rejection("http://127.0.0.1:5001/v2", named: ["127.0.0.1:5000", "127.0.0.1:5001"])
                != nil)
    }

    @Test(arguments: [
        ("127.0.0.1", true), ("10.255.0.1", true), ("172.16.0.1", true), ("172.32.0.1", false),
        ("192.168.1.1", true),
        ("169.254.169.254", true), ("100.64.0.1", true), ("100.100.100.200", true), ("100.128.0.1", false),
        ("0.0.0.0", true), ("224.0.0.1", true), ("255.255.255.255", true), ("192.0.0.192", true),
        ("8.8.8.8", false),
        ("198.18.0.5", false), ("192.0.2.1", false), ("::1", true), ("::", true), ("fe80::1", true),
        ("fd00::1", true),
        ("febf::1", true), ("ff02::1", true), ("::ffff:10.0.0.1", true), ("::ffff:8.8.8.8", false),
        ("64:ff9b::7f00:1", true), ("64:ff9b::808:808", false), ("2002:7f00:1::", true),
        ("2a00:1450::1", false),
        ("0x7f.1", true), ("2130706433", true), ("017700000001", true),
    ])
    func `private and public addresses are distinguished`(_ text: String, _ isInside: Bool) async throws {
        let address = try #require(await IPAddress.lookUp(text).first)
        #expect(address.isPrivate == isInside, "\(address)")
    }
}

struct RegistryChallengeTests {
    @Test func `challenges are parsed according to RFC 9110`() {
        let read = RegistryChallenge.all(
            in:
                #"Bearer realm="https://a/b?c=d,e",service="x \"y\"", Scope=plain ,Basic realm="z", Negotiate"#
        )
        #expect(
            read == [
                .init(
                    scheme: "bearer",
                    parameters: ["realm": "https://a/b?c=d,e", "service": "x \"y\"", "scope": "plain"]),
                .init(scheme: "basic", parameters: ["realm": "z"]), .init(scheme: "negotiate"),
            ])
    }

    @Test(arguments: ["", " ", "=x", "\"", "Bearer realm=\"x", "Bearer realm=\"\\", "\u{0}", "é", ", ,"])
    func `an invalid challenge has no parameters`(_ text: String) {
        #expect(RegistryChallenge.all(in: text).allSatisfy { $0.parameters.isEmpty })
    }
}

struct RegistryCredentialsTests {
    @Test(arguments: [
        ("docker.io", "https://auth.docker.io/token", true),
        ("docker.io", "https://registry-1.docker.io/v2", true),
        ("docker.io", "https://docker.io.evil.example/", false),
        ("ghcr.io", "https://auth.docker.io/token", false),
        ("ghcr.io", "https://ghcr.io/token", true), ("ghcr.io", "https://ghcr.io:8443/token", false),
        ("registry.gitlab.com", "https://gitlab.com/jwt/auth", true),
        ("GHCR.io", "https://ghcr.io/token", true), ("ghcr.io", "http://ghcr.io/token", false),
        ("ghcr.io:8443", "https://ghcr.io/token", false),
    ])
    func `credentials are sent only to the hosts they belong to`(
        _ host: String, _ location: String, _ isCovered: Bool
    ) throws {
        let password = try #require(Secret("x"))
        let origin = try RemoteURL("https://\(host)").origin
        let own = RegistryCredentials(origin: origin, user: "me", password: password)
        #expect(own.covers(try #require(URL(string: location).flatMap { Origin($0) })) == isCovered)
    }
}
