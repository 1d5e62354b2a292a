import Foundation
import Synchronization
import TestSupport

/// A container registry on loopback with tags and access rules for tests.
struct ImageShelf: Sendable {
    /// Two versions of an image: each an index with a linux/amd64 entry, and its digest.
    enum Build: Int, Sendable {
        case first = 1, second

        var manifest: String { ImageShelf.index(of: "amd64", "\(rawValue)") }
        /// SHA-256 of the manifest, computed by `sha256sum`.
        var digest: String {
            switch self {
            case .first: "sha256:509e0c8b4c9b5d9a4d00e6fc04c746584c17d0ec68547e66ea00cd0f86a261f9"
            case .second: "sha256:615bc7d19af6c6e0c2f3aa7901ad27395cc33f3c3b8400775544273423507765"
            }
        }
        /// The digest as it is printed in the log.
        var short: String { String(digest.dropFirst(7).prefix(12)) }
    }

    private let server: RegistryServer
    private let state: State

    /// Changed by the test while the server's thread reads it.
    private final class State: Sendable {
        let now = Mutex<(build: Build, isBroken: Bool)>((.first, false))
    }

    /// `o/app:1` has the first build; `o/arm:1` is for another architecture; only ada may read `o/private:1`.
    init() throws {
        let state = State()
        self.state = state
        server = try RegistryServer { call in
            let (build, isBroken) = state.now.withLock { $0 }
            return isBroken ? .init(503) : Self.answer(call, build)
        }
    }

    var host: String { "localhost:\(server.port)" }
    var image: String { "\(host)/o/app:1" }
    var calls: [RegistryServer.Call] { server.calls }

    /// Moves the tag to the second build.
    func move() { state.now.withLock { $0.build = .second } }
    func breakDown() { state.now.withLock { $0.isBroken = true } }

    static let password = "open-sesame-at-dusk"

    private static func answer(_ call: RegistryServer.Call, _ build: Build) -> RegistryServer.Answer {
        let path = String(call.path.prefix { $0 != "?" })
        if path.hasPrefix("/v2/o/private/") {
            let pass = "Basic " + Data("ada:\(password)".utf8).base64EncodedString()
            guard call.headers["authorization"] == pass else {
                let words = #"{"errors":[{"code":"UNAUTHORIZED","message":"authentication required"}]}"#
                return .init(401, ["WWW-Authenticate: Basic realm=\"here\""], text: words)
            }
            return manifest(build.manifest, build.digest)
        }
        switch path {
        case "/v2/o/app/manifests/1": return manifest(build.manifest, build.digest)
        case "/v2/o/arm/manifests/1": return manifest(index(of: "arm64", "3"), nil)
        case "/v2/o/app/tags/list": return .init(200, [], text: #"{"tags":["1","edge"]}"#)
        default:
            return .init(
                404, [], text: #"{"errors":[{"code":"MANIFEST_UNKNOWN","message":"manifest unknown"}]}"#)
        }
    }

    private static func manifest(_ text: String, _ digest: String?) -> RegistryServer.Answer {
        let type = "Content-Type: application/vnd.oci.image.index.v1+json"
        return .init(
            200, [type] + [digest.map { "Docker-Content-Digest: \($0)" }].compactMap { $0 }, text: text)
    }

    private static func index(of architecture: String, _ digit: String) -> String {
        let digest = "sha256:" + String(repeating: digit, count: 64)
        return #"{"schemaVersion":2,"manifests":[{"digest":"\#(digest)","platform":"#
            + #"{"os":"linux","architecture":"\#(architecture)"}}]}"#
    }
}
