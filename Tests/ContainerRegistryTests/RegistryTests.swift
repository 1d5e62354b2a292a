import Foundation
import HTTP
import TestSupport
import Testing

@testable import ContainerRegistry
@testable import DockerSyntax
@testable import SpacesModel

struct RegistryTests {
    @Test func `a tag of an index is read with an anonymous token`() async throws {
        let shelf = RegistryShelf.withIndex("linux/arm64", "linux/amd64", "unknown/unknown")
        let scene = try RegistryScene(shelf)
        let image = try await scene.resolve()
        #expect(image.digest == shelf.digest)
        #expect(image.platformDigest == "sha256:" + String(repeating: "1", count: 64))
        #expect(image.mediaType == RegistryShelf.index)
        #expect(!image.isPrivate)
        #expect(image.pinned.familiar == "\(scene.server.host)/o/app:1@\(shelf.digest)")
        #expect(
            scene.server.lines == [
                "GET /v2/o/app/manifests/1",
                "GET /token?service=a%20%22b%22%2C%20c%2Bd&scope=repository:o/app:pull",
                "GET /v2/o/app/manifests/1",
            ])
        #expect(scene.meter.requests == 3)
        let accept = try #require(scene.server.calls.last?.headers["accept"])
        for kind in [
            "index.v1+json", "image.manifest.v1+json", "list.v2+json", "distribution.manifest.v2+json",
        ] {
            #expect(accept.contains(kind))
        }
    }

    @Test func `a known digest is checked with HEAD requests, which do not count as pulls`() async throws {
        let shelf = RegistryShelf.withIndex("linux/amd64")
        let scene = try RegistryScene(shelf)
        #expect(try await scene.resolve(known: shelf.digest).digest == shelf.digest)
        #expect(scene.server.calls.map(\.method) == ["HEAD", "GET", "HEAD"])
    }

    @Test func `a tag with a new digest is read again`() async throws {
        let shelf = RegistryShelf.withIndex("linux/amd64", door: .open)
        let scene = try RegistryScene(shelf)
        let old = "sha256:" + String(repeating: "a", count: 64)
        #expect(try await scene.resolve(known: old).digest == shelf.digest)
        #expect(scene.server.calls.map(\.method) == ["HEAD", "GET"])
    }

    @Test func `the platform of a single image is checked, and its size is returned`() async throws {
        let shelf = RegistryShelf.withImage("amd64")
        let scene = try RegistryScene(shelf)
        let image = try await scene.resolve()
        #expect(image.size == 1234)
        #expect(image.platformDigest == nil)
        #expect(scene.meter.requests == 4)
    }

    @Test func `an image for other platforms is refused with the available platforms`() async throws {
        let one = try await RegistryScene(.withImage("arm64")).failure()
        #expect(one.kind == .refused)
        #expect(
            one.message.contains(
                "is not built for linux/amd64, which the Hub requires; available: linux/arm64"))
        let many = try await RegistryScene(.withIndex("linux/arm64", "linux/arm/v7", "unknown/unknown"))
            .failure()
        #expect(many.message.hasSuffix("available: linux/arm64, linux/arm/v7"))
        #expect(many.hint?.contains("--platform linux/amd64") == true)
    }

    @Test func `without a digest header the digest is computed from the bytes`() async throws {
        var shelf = RegistryShelf.withIndex("linux/amd64", door: .open)
        shelf.tellsDigest = false
        #expect(try await RegistryScene(shelf).resolve().digest == shelf.digest)
    }

    @Test func `a reference with a digest is requested by its digest`() async throws {
        let shelf = RegistryShelf.withIndex("linux/amd64", door: .open)
        let scene = try RegistryScene(shelf)
        #expect(try await scene.resolve("o/app:1@\(shelf.digest)").digest == shelf.digest)
        #expect(scene.server.lines == ["GET /v2/o/app/manifests/\(shelf.digest)"])
    }

    @Test func `a manifest that does not match its digest is refused`() async throws {
        var shelf = RegistryShelf.withIndex("linux/amd64", door: .open)
        let claimed = "sha256:" + String(repeating: "b", count: 64)
        shelf.items["o/app/manifests/\(claimed)"] = shelf.items["o/app/manifests/1"]
        shelf.instead["GET /v2/o/app/manifests/2"] = .init(
            200, ["Docker-Content-Digest: \(claimed)"], text: "{\"manifests\":[]}")
        let scene = try RegistryScene(shelf)
        for name in ["o/app@\(claimed)", "o/app:2"] {
            let failure = try await scene.failure(name)
            #expect(failure.kind == .refused)
            #expect(failure.details.contains("expected \(claimed)"))
        }
    }

    @Test func `a configuration that does not match its digest is refused`() async throws {
        var shelf = RegistryShelf.withImage("amd64", door: .open)
        let path = try #require(shelf.items.keys.first { $0.contains("blobs") })
        shelf.instead["GET /v2/\(path)"] = .init(
            200, [], text: "{\"os\":\"linux\",\"architecture\":\"amd64\" }")
        #expect(try await RegistryScene(shelf).failure().message.contains("that does not match its digest"))
    }

    @Test(arguments: [RegistryShelf.Door.userToken, .basic])
    func `a private image is read with credentials only`(_ door: RegistryShelf.Door) async throws {
        let shelf = RegistryShelf.withIndex("linux/amd64", door: door)
        let failure = try await RegistryScene(shelf).failure()
        #expect(failure.kind == .permissionDenied)
        #expect(failure.message.contains("requires credentials for image"))
        #expect(failure.hint?.contains("make the image public") == true)
        let image = try await RegistryScene(shelf, user: "me").resolve()
        #expect(image.digest == shelf.digest)
        #expect(image.isPrivate)
        let wrong = try await RegistryScene(shelf, user: "you").failure()
        #expect(wrong.kind == .permissionDenied)
        #expect(wrong.message.contains("does not allow you to read image"))
        #expect(!"\(failure)\(wrong)".contains("sesame"))
    }

    @Test func `credentials are not sent for a public image`() async throws {
        let scene = try RegistryScene(.withIndex("linux/amd64"), user: "me")
        #expect(try await scene.resolve().isPrivate == false)
        #expect(scene.server.calls.allSatisfy { $0.headers["authorization"] != RegistryShelf.basic })
    }

    @Test func `a token response over a limit is an error that states the limit`() async throws {
        var shelf = RegistryShelf.withIndex("linux/amd64")
        shelf.instead["GET /token"] = .init(200, [], text: "{\"token\":" + String(repeating: "[", count: 100))
        let failure = try await RegistryScene(shelf).failure()
        #expect(failure.kind == .tryLater)
        #expect(failure.details == ["the JSON exceeds a limit: it has more than 64 levels"])
    }

    @Test func `a configuration over a limit is an error that states the limit`() async throws {
        let deep = "{\"os\":" + String(repeating: "[", count: 100)
        let digest = RegistryManifest.digest(of: Data(deep.utf8))
        var shelf = RegistryShelf.withImage("amd64", door: .open)
        let blob = try #require(shelf.items.keys.first { $0.contains("blobs") })
        let config = try #require(blob.split(separator: "/").last.map(String.init))
        for (path, item) in shelf.items where path.contains("manifests") {
            shelf.items[path] = nil
            let text = item.body.replacing(config, with: digest)
            shelf.instead["GET /v2/\(path)"] = .init(200, [], text: text)
        }
        shelf.instead["GET /v2/o/app/blobs/\(digest)"] = .init(200, [], text: deep)
        let failure = try await RegistryScene(shelf).failure()
        #expect(failure.kind == .refused && failure.message.contains("configuration"), "\(failure)")
        #expect(failure.details == ["the JSON exceeds a limit: it has more than 64 levels"], "\(failure)")
    }

    @Test func `a manifest over a limit is an error that states the limit`() async throws {
        var shelf = RegistryShelf.withIndex("linux/amd64", door: .open)
        let deep = "{\"manifests\":" + String(repeating: "[", count: 100)
        shelf.instead["GET /v2/o/app/manifests/1"] = .init(200, [], text: deep)
        let failure = try await RegistryScene(shelf).failure()
        #expect(failure.kind == .refused)
        #expect(failure.message.hasSuffix("it has more than 64 levels"))
    }

    @Test func `a missing tag is an error that lists the existing tags`() async throws {
        var shelf = RegistryShelf.withIndex("linux/amd64", door: .open)
        shelf.instead["GET /v2/o/app/tags/list"] = .init(
            200, [], text: #"{"tags":["v1.0","v1.1","bad tag"]}"#)
        let failure = try await RegistryScene(shelf).failure("o/app:v1.2")
        #expect(failure.kind == .refused)
        #expect(failure.message.hasPrefix("no such tag on 127.0.0.1:"))
        #expect(failure.details == ["manifest unknown"])
        #expect(failure.hint == "did you mean v1.0? existing tags: v1.0, v1.1")
    }

    @Test func `a missing image is an error`() async throws {
        var shelf = RegistryShelf()
        shelf.door = .open
        shelf.instead["GET /v2/o/nope/manifests/latest"] = .init(
            404, [], text: #"{"errors":[{"code":"NAME_UNKNOWN","message":"repository name not known"}]}"#)
        let failure = try await RegistryScene(shelf).failure("o/nope")
        #expect(failure.kind == .refused)
        #expect(failure.message.contains("no such image on"))
    }

    @Test(arguments: [429, 500, 503])
    func `a 429 or 5xx is a temporary error`(_ status: Int) async throws {
        var shelf = RegistryShelf()
        shelf.door = .open
        shelf.instead["GET /v2/o/app/manifests/1"] = .init(
            status, [], text: #"{"errors":[{"code":"TOOMANYREQUESTS","message":"slow down"}]}"#)
        let failure = try await RegistryScene(shelf).failure()
        #expect((failure.kind, failure.details) == (.tryLater, ["slow down"]))
    }

    @Test func `an unreachable registry is a temporary error`() async throws {
        var options = HTTPClientOptions()
        (options.clock, options.retries) = (EagerClock(), 0)
        let hub = RegistryClient(HTTPClient(options), allowedHosts: ["127.0.0.1:1"])
        let failure = await #expect(throws: DeployError.self) {
            try await hub.resolve(ImageReference("127.0.0.1:1/o/app"), known: nil)
        }
        #expect(failure?.kind == .tryLater)
    }

    @Test(arguments: [
        "", "[]", "{}", "<html>login</html>", #"{"schemaVersion":1}"#, #"{"manifests":[],"layers":[]}"#,
        #"{"manifests":[{"digest":7,"platform":3},null]}"#, #"{"layers":{"size":1}}"#,
    ])
    func `an invalid manifest is refused`(_ body: String) async throws {
        var shelf = RegistryShelf()
        shelf.door = .open
        shelf.instead["GET /v2/o/app/manifests/1"] = .init(200, [], text: body)
        #expect(try await RegistryScene(shelf).failure().kind == .refused)
    }

    @Test func `impossible layer sizes are limited`() async throws {
        var shelf = RegistryShelf()
        shelf.door = .open
        shelf.instead["GET /v2/o/app/manifests/1"] = .init(
            200, [], text: #"{"layers":[{"size":1e300},{"size":-5},{"size":1e300},{"size":"x"}]}"#)
        #expect(try await RegistryScene(shelf).resolve().size == 1_000_000_000_000_000)
    }
}
