import Foundation
import TestSupport
import Testing

@testable import HTTP

@Suite(.enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/openssl")))
struct TrustTests {
    private let folder: URL

    init() throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("tls-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    private func client(_ environment: [String: String] = [:], git: [NetworkSettings.Entry] = [])
        -> HTTPClient
    {
        var options = HTTPClientOptions()
        options.retries = 0
        options.network = NetworkSettings(environment: environment, git: git)
        return HTTPClient(options)
    }

    /// Returns the error of a request to a server that is started with the arguments.
    private func failure(
        host: String = "localhost", scheme: String = "https", _ arguments: [String] = [],
        _ environment: (TLSServer) -> [String: String] = { _ in [:] }
    ) async throws -> HTTPError {
        let server = try await TLSServer(in: folder, arguments)
        defer { server.end() }
        let url = try #require(URL(string: "\(scheme)://\(host):\(server.port)/"))
        return try #require(
            await #expect(throws: HTTPError.self) {
                _ = try await client(environment(server)).send(HTTPClientRequest("GET", url))
            })
    }

    private func expectUntrusted(_ failure: HTTPError, _ keywords: String...) throws {
        guard case .untrusted(_, let reason) = failure else { throw failure }
        #expect(keywords.isEmpty || keywords.contains { reason.lowercased().contains($0) }, "\(reason)")
    }

    @Test func `a token is not sent without https, and the error says so`() async throws {
        let token = try #require(Secret("hunter2"))
        let url = try #require(URL(string: "http://hub.invalid/api"))
        let failure = await #expect(throws: HTTPError.self) {
            _ = try await HTTPClient().send(HTTPClientRequest("GET", url, authorization: .bearer(token)))
        }
        #expect(failure == .insecure(host: "hub.invalid"))
    }

    @Test func `an untrusted certificate is reported as untrusted`() async throws {
        let server = try await TLSServer(in: folder)
        defer { server.end() }
        let url = try #require(URL(string: "https://localhost:\(server.port)/"))
        let failure = await #expect(throws: HTTPError.self) {
            _ = try await HTTPClient().send(HTTPClientRequest("GET", url))
        }
        guard case .untrusted(let host, let reason) = failure else { throw failure ?? .cancelled }
        #expect(host == "localhost:\(server.port)")
        #expect(reason.lowercased().contains("certificate"))
    }

    @Test(arguments: [
        "SSL_CERT_FILE", "CURL_CA_BUNDLE", "GIT_SSL_CAINFO", "http.sslCAInfo", "SSL_CERT_DIR",
        "GIT_SSL_CAPATH",
    ])
    func `certificate authorities can be set as for Git and curl`(_ name: String) async throws {
        let server = try await TLSServer(in: folder)
        defer { server.end() }
        let url = try #require(URL(string: "https://localhost:\(server.port)/"))
        let client: HTTPClient
        if name.hasPrefix("http.") {
            client = self.client(git: [
                .init(section: "http", subsection: nil, key: "sslCAInfo", value: server.certificate)
            ])
        } else if name.hasSuffix("FILE") || name.hasSuffix("BUNDLE") || name.hasSuffix("CAINFO") {
            client = self.client([name: server.certificate])
        } else {
            let hash = try await TLSServer.openssl(["x509", "-hash", "-noout", "-in", server.certificate])
            let directory = folder.appendingPathComponent("authorities")
            try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
            try FileManager.default.copyItem(
                atPath: server.certificate, toPath: directory.path + "/\(hash).0")
            client = self.client([name: directory.path])
        }
        #expect(try await client.send(HTTPClientRequest("GET", url)).status == 200)
        // A client with other trusted authorities must not reuse the open connection.
        await #expect(throws: HTTPError.self) {
            _ = try await self.client().send(HTTPClientRequest("GET", url))
        }
    }

    @Test func `a certificate for another name is not trusted`() async throws {
        let failure = try await failure(host: "127.0.0.1") { ["SSL_CERT_FILE": $0.certificate] }
        try expectUntrusted(failure, "name")
    }

    @Test func `unreadable certificate authorities are an error`() async throws {
        try expectUntrusted(try await failure { _ in ["SSL_CERT_FILE": "/nonexistent/authorities.pem"] })
    }

    @Test func `TLS 1.1 is refused`() async throws {
        let old = ["-tls1_1", "-cipher", "DEFAULT@SECLEVEL=0"]
        let failure = try await failure(old) { ["SSL_CERT_FILE": $0.certificate] }
        switch failure {
        case .unreachable, .broken: break
        default: throw failure
        }
    }

    @Test func `http to an https port and https to an http port are errors`() async throws {
        let failure = try await failure(scheme: "http")
        guard case .broken = failure else { throw failure }
        let server = try ScriptedServer([.head, answer("400 Bad Request")])
        let url = try #require(URL(string: "https://127.0.0.1:\(server.port)/"))
        await #expect(throws: HTTPError.self) { _ = try await client().send(HTTPClientRequest("GET", url)) }
        let plain = try ScriptedServer([.send("HTTP/1.1 400 Bad Request\r\n\r\n"), .hang])
        let other = try #require(URL(string: "https://127.0.0.1:\(plain.port)/"))
        let plainFailure = await #expect(throws: HTTPError.self) {
            _ = try await client().send(HTTPClientRequest("GET", other))
        }
        #expect(
            plainFailure?.reason.contains("does not use https") == true,
            "\(String(describing: plainFailure))")
    }

    @Test func `client certificates are supported`() async throws {
        let server = try await TLSServer(
            in: folder, ["-Verify", "1", "-verify_return_error"], verifiesOwn: true)
        defer { server.end() }
        let url = try #require(URL(string: "https://localhost:\(server.port)/"))
        let authorities = ["SSL_CERT_FILE": server.certificate]
        let refused = await #expect(throws: HTTPError.self) {
            _ = try await client(authorities).send(HTTPClientRequest("GET", url))
        }
        try expectUntrusted(try #require(refused), "certificate")
        let own = [("sslCert", server.certificate), ("sslKey", server.key)].map {
            NetworkSettings.Entry(
                section: "http", subsection: "https://localhost:\(server.port)/", key: $0, value: $1)
        }
        #expect(try await client(authorities, git: own).send(HTTPClientRequest("GET", url)).status == 200)
    }

    @Test func `a redirect from https to http is not followed`() async throws {
        let plain = try ScriptedServer([.request, answer("200 OK", [], "plain")])
        try Data("HTTP/1.1 302 Found\r\nLocation: \(plain.url())\r\nContent-Length: 0\r\n\r\n".utf8)
            .write(to: folder.appendingPathComponent("moved"))
        let server = try await TLSServer(in: folder, ["-HTTP"])
        defer { server.end() }
        let url = try #require(URL(string: "https://localhost:\(server.port)/moved"))
        let refused = await #expect(throws: HTTPError.self) {
            _ = try await client(["SSL_CERT_FILE": server.certificate]).send(HTTPClientRequest("GET", url))
        }
        guard case .redirect = refused else { throw refused ?? .cancelled }
        #expect(plain.connections.isEmpty)
    }
}

/// An HTTPS server (`openssl s_server`) with a self-signed certificate.
private final class TLSServer {
    let port: Int
    let (key, certificate): (String, String)
    private let process: Process

    /// - Parameter verifiesOwn: whether the server accepts its own certificate as a client certificate.
    init(in folder: URL, _ arguments: [String] = ["-www"], verifiesOwn: Bool = false) async throws {
        let (key, certificate) = (folder.appendingPathComponent("key"), folder.appendingPathComponent("cert"))
        (self.key, self.certificate) = (key.path, certificate.path)
        _ = try await Self.openssl([
            "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=localhost", "-days", "1",
            "-keyout",
            key.path, "-out", certificate.path,
        ])
        // The output goes to a file: Foundation traps on reading a pipe that is closed at the wrong
        // moment.
        let output = folder.appendingPathComponent("said")
        try Data().write(to: output)
        process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/openssl")
        process.arguments = [
            "s_server", "-accept", "127.0.0.1:0", "-key", key.path, "-cert", certificate.path,
        ]
        process.arguments? +=
            arguments.contains("-HTTP") ? arguments : ["-www"] + arguments.filter { $0 != "-www" }
        if verifiesOwn { process.arguments? += ["-CAfile", certificate.path] }
        process.currentDirectoryURL = folder
        process.environment = [:]
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = try FileHandle(forWritingTo: output)
        process.standardError = FileHandle.nullDevice
        try process.begin()
        var line: Substring?
        _ = try await eventually {
            let log = try String(contentsOf: output, encoding: .utf8)
            let lines = log.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
            line = lines.first { $0.hasPrefix("ACCEPT") }
            return line != nil
        }
        port = Int(line?.split(separator: ":").last ?? "") ?? 0
    }

    /// SIGTERM may be ignored: a child inherits that from a test process in which a command handled signals.
    func end() { kill(process.processIdentifier, SIGKILL) }

    /// Runs `openssl`, and returns the first line of its output.
    static func openssl(_ arguments: [String]) async throws -> String {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/openssl")
        (process.arguments, process.environment) = (arguments, [:])
        let output = FileManager.default.temporaryDirectory.appendingPathComponent("openssl-\(UUID())")
        try Data().write(to: output)
        defer { try? FileManager.default.removeItem(at: output) }
        process.standardOutput = try FileHandle(forWritingTo: output)
        process.standardError = FileHandle.nullDevice
        try await withCheckedThrowingContinuation { (done: CheckedContinuation<Void, any Error>) in
            process.terminationHandler = { _ in done.resume() }
            do { try process.begin() } catch { done.resume(throwing: error) }
        }
        return String(try String(contentsOf: output, encoding: .utf8).prefix { !$0.isNewline })
    }
}
