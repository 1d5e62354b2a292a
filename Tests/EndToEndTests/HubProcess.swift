import Foundation
import HTTP
import TestSupport

/// `spacesync hub` as a child process that ends with the test.
final class HubProcess: Sendable {
    let url: String
    private let process: Process
    private let client = HTTPClient(HTTPClientOptions())

    private init(_ process: Process, url: String) { (self.process, self.url) = (process, url) }

    static func start(_ flags: [String], home: String) async throws -> HubProcess {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: Binary.path)
        process.arguments = ["hub"] + flags
        process.environment = Scene.plain.merging(["HOME": home]) { $1 }
        // A file, not a pipe: Foundation can trap when it reads a pipe that is closing.
        let scratch = try TestDirectory()
        process.standardOutput = try FileHandle(forWritingTo: try scratch.write("out", Data()))
        process.standardInput = FileHandle.nullDevice
        try process.begin()
        do {
            return HubProcess(process, url: try await address(writtenTo: scratch, by: process))
        } catch {
            // Ends the Hub if the test is cancelled here.
            if process.isRunning { process.terminate() }
            throw error
        }
    }

    private static func address(writtenTo scratch: TestDirectory, by process: Process) async throws -> String
    {
        var output = ""
        _ = try await eventually {
            output = String(decoding: try scratch.read("out"), as: UTF8.self)
            return output.contains("\n") || !process.isRunning
        }
        let line = output.trimmingCharacters(in: .newlines)
        guard line.hasPrefix("http://127.0.0.1:") else { throw Unstarted(said: output) }
        return line
    }

    struct Unstarted: Error { var said: String }

    deinit { if process.isRunning { process.terminate() } }

    /// The requests that the Hub received since the last `forget`.
    func asked() async throws -> [Asked] {
        let response = try await call("GET", "/_hub/requests")
        return try JSONDecoder().decode([Asked].self, from: response.body)
    }

    func forget() async throws { _ = try await call("DELETE", "/_hub/requests") }

    struct Asked: Decodable, Sendable, CustomStringConvertible {
        var method: String
        var path: String
        var query: String
        /// Only the scheme.
        var authorization: String?
        var status: Int
        var request_bytes: Int
        var response_bytes: Int
        /// The number of the connection.
        var connection: Int
        var isGit: Bool {
            path.contains("/info/refs") || path.hasSuffix("git-upload-pack")
                || path.hasSuffix("git-receive-pack")
        }
        var description: String {
            "\(method) \(path) → \(status) (\(request_bytes) up, \(response_bytes) down)"
        }
    }

    /// Injects a fault: see `FaultInjector`.
    func fault(_ json: String) async throws { _ = try await call("POST", "/_hub/faults", json) }

    func api(_ method: String, _ path: String, _ json: String? = nil) async throws -> HTTPClientResponse {
        try await call(method, "/api" + path, json, token: Scene.token)
    }

    func json(_ path: String) async throws -> [String: Any] {
        let response = try await api("GET", path)
        return try JSONSerialization.jsonObject(with: response.body) as? [String: Any] ?? [:]
    }

    func call(_ method: String, _ path: String, _ json: String? = nil, token: String? = nil) async throws
        -> HTTPClientResponse
    {
        guard let address = URL(string: url + path) else { throw Unstarted(said: path) }
        var request = HTTPClientRequest(
            method, address, authorization: token.flatMap { Secret($0) }.map { .bearer($0) })
        if let json {
            request.body = .bytes(Data(json.utf8))
            request.headers["Content-Type"] = "application/json"
        }
        return try await client.send(request)
    }
}
