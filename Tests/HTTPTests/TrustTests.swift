import Foundation
import HTTP
import TestSupport
import Testing

@Suite struct TrustTests {
    @Test(.enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/openssl")))
    func `a certificate that nobody trusts is told as such`() async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("tls-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let server = try await TLSServer(in: folder)
        defer { server.end() }
        let url = try #require(URL(string: "https://localhost:\(server.port)/"))
        let failure = await #expect(throws: HTTPFailure.self) {
            _ = try await Client().send(Request("GET", url))
        }
        guard case .untrusted(let host, let said) = failure else { throw failure ?? .cancelled }
        #expect(host == "localhost:\(server.port)")
        #expect(said.lowercased().contains("certificate"))
    }
}

/// `openssl s_server` with a certificate that it signed itself.
private final class TLSServer {
    let port: Int
    private let process: Process

    init(in folder: URL) async throws {
        let (key, certificate) = (folder.appendingPathComponent("key"), folder.appendingPathComponent("cert"))
        _ = try await Self.openssl([
            "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=localhost", "-days", "1",
            "-keyout",
            key.path, "-out", certificate.path,
        ])
        // A file, not a pipe: reading a pipe's end traps in Foundation when it is closed at the wrong moment.
        let output = folder.appendingPathComponent("said")
        try Data().write(to: output)
        process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/openssl")
        process.arguments = [
            "s_server", "-accept", "127.0.0.1:0", "-www", "-key", key.path, "-cert", certificate.path,
        ]
        process.environment = [:]
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = try FileHandle(forWritingTo: output)
        process.standardError = FileHandle.nullDevice
        try process.begin()
        var line: Substring?
        _ = try await eventually {
            let said = try String(contentsOf: output, encoding: .utf8)
            let lines = said.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
            line = lines.first { $0.hasPrefix("ACCEPT") }
            return line != nil
        }
        port = Int(line?.split(separator: ":").last ?? "") ?? 0
    }

    func end() { process.terminate() }

    private static func openssl(_ arguments: [String]) async throws -> Int32 {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/openssl")
        (process.arguments, process.environment) = (arguments, [:])
        (process.standardOutput, process.standardError) = (FileHandle.nullDevice, FileHandle.nullDevice)
        return try await withCheckedThrowingContinuation { done in
            process.terminationHandler = { done.resume(returning: $0.terminationStatus) }
            do { try process.begin() } catch { done.resume(throwing: error) }
        }
    }
}
