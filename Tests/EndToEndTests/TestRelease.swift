import Foundation
import TestSupport

/// A release with the built binary, on a local server that answers as GitHub does.
final class TestRelease: Sendable {
    /// The URL of the repository.
    let repository: String
    /// The directory with the releases.
    let directory: TestDirectory
    /// The version of the release.
    let version: String
    private let server: LiveRun

    /// The archive is packed once for all tests.
    private static let packed = Task { () async throws -> TestDirectory in
        let directory = try TestDirectory()
        let packed = try await run(
            PackageRoot.url.path + "/.ci/release", ["--pack", Binary.path, "--out", directory.path],
            environment: ProcessInfo.processInfo.environment)
        guard packed.status == 0 else { throw Unstarted(said: packed.description) }
        return directory
    }

    /// - Parameter tls: the certificate and key of the server, which then is behind a proxy: see `proxy`.
    static func start(tls: (certificate: String, key: String)? = nil) async throws -> TestRelease {
        let packed = try await packed.value
        let names = try FileManager.default.contentsOfDirectory(atPath: packed.path)
        guard let archive = names.first(where: { $0.hasSuffix(".tar.gz") }),
            let version = archive.firstMatch(of: /spacesync-(.+)-linux-/)?.1
        else { throw Unstarted(said: "\(names)") }
        let directory = try TestDirectory()
        try FileManager.default.copyItem(
            atPath: packed.path, toPath: directory.path + "/v\(version)")
        let script = PackageRoot.url.path + "/Tests/Release/release_server.py"
        let server = try LiveRun.start(
            try Peer("python3").found(),
            [script, directory.path] + (tls.map { ["--tls", $0.certificate, $0.key] } ?? []),
            environment: ["PATH": "/usr/bin:/bin"], directory: directory.url)
        // With TLS, the last line is the proxy's address.
        guard await server.says(tls == nil ? "/owner/spacesync\n" : "\nhttp://") else {
            throw Unstarted(said: "\(await server.end())")
        }
        return TestRelease(server, directory, String(version))
    }

    private init(_ server: LiveRun, _ directory: TestDirectory, _ version: String) {
        (self.server, self.directory, self.version) = (server, directory, version)
        repository = server.out.split(separator: "\n").first.map { String($0) } ?? ""
    }

    // With SIGTERM blocked, as the server inherits it, Python would stay.
    deinit { server.send(SIGKILL) }

    struct Unstarted: Error { var said: String }

    /// The address of a proxy through which every host name leads to this server.
    var proxy: String? {
        server.out.split(separator: "\n").dropFirst().first { $0.hasPrefix("http://") }.map { String($0) }
    }
    /// The requests so far, such as `GET /owner/spacesync/releases/latest/download/SHA256SUMS`.
    var requests: [String] {
        server.out.split(separator: "\n").map { String($0) }.filter { !$0.hasPrefix("http") }
    }
    /// The number of archives that were downloaded.
    var downloads: Int { requests.count { $0.hasPrefix("GET /assets/") && $0.hasSuffix(".tar.gz") } }
    var archive: URL {
        directory.url.appending(path: "v\(version)/spacesync-\(version)-linux-\(Self.architecture).tar.gz")
    }

    private static var architecture: String {
        #if arch(arm64)
            "arm64"
        #else
            "x86_64"
        #endif
    }
}
