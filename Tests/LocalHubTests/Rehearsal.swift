import Foundation
import HTTP
import TestSupport
import Testing
import TextTools

@testable import LocalHub

/// A local Hub with a new root directory, and the requests that tests send to it.
struct Rehearsal: Sendable {
    let folder: TestDirectory
    let hub: HubServer
    static let client = {
        var options = HTTP.HTTPClientOptions()
        options.retries = 0
        return HTTP.HTTPClient(options)
    }()

    /// Starts a Hub, and stops it when `work` returns or throws.
    static func run(
        _ set: (inout HubOptions) -> Void = { _ in }, _ work: (Rehearsal) async throws -> Void
    ) async throws {
        let folder = try TestDirectory()
        var options = HubOptions(root: folder.url.appendingPathComponent("root"))
        set(&options)
        let hub = try await HubServer.start(options)
        do {
            try await work(Rehearsal(folder: folder, hub: hub))
            await hub.stop()
        } catch {
            await hub.stop()
            throw error
        }
    }

    struct Reply {
        var status: Int
        var fields: HTTPFields
        var data: Data
        var text: String { String(decoding: data, as: UTF8.self) }
        var json: JSON { JSON(Array(data)) ?? .null }

        init(to request: HTTP.HTTPClientRequest) async throws {
            var request = request
            request.responseLimit = 1 << 30
            let response = try await Rehearsal.client.send(request)
            (status, fields, data) = (response.status, response.headers, response.body)
        }
    }

    /// Sends an API request, without authorization if the token is empty.
    func ask(
        _ method: String = "GET", _ path: String, _ body: JSON? = nil, token: String = "hf_me",
        host: String? = nil
    ) async throws -> Reply {
        let base = host.map { "http://\($0):\(hub.url.port ?? 0)" } ?? hub.url.absoluteString
        var request = HTTP.HTTPClientRequest(method, try #require(URL(string: base + path)))
        if !token.isEmpty { request.headers["Authorization"] = "Bearer \(token)" }
        if let body {
            request.body = .bytes(Data(body.text.utf8))
            request.headers["Content-Type"] = "application/json"
        }
        return try await Reply(to: request)
    }

    /// Uploads bytes without a token, as to presigned storage, and returns the status.
    func upload(_ path: String, _ data: Data) async throws -> Int {
        let url = try #require(URL(string: hub.url.absoluteString + path))
        return try await Reply(to: HTTP.HTTPClientRequest("PUT", url, body: .bytes(data))).status
    }

    @discardableResult
    func create(_ name: String, sdk: String = "docker", token: String = "hf_me") async throws -> Reply {
        try await ask(
            "POST", "/api/repos/create", ["name": .string(name), "type": "space", "sdk": .string(sdk)],
            token: token)
    }

    /// Waits until the Space reaches the stage, and returns its runtime.
    @discardableResult
    func waitFor(_ stage: String, of id: String, sha: String? = nil) async throws -> JSON {
        let isReached = try await eventually {
            let runtime = try await ask("/api/spaces/\(id)/runtime").json
            return runtime["stage"].string == stage && (sha == nil || runtime["sha"].string == sha)
        }
        let runtime = try await ask("/api/spaces/\(id)/runtime").json
        #expect(isReached, "\(runtime.text)")
        return runtime
    }

    private func ask(_ path: String) async throws -> Reply { try await ask("GET", path) }

    /// Runs `git` without any user or system configuration.
    func git(_ arguments: String..., in name: String? = nil, input: String = "") async throws -> Finished {
        let home = folder.url.appendingPathComponent("home")
        try FileManager.default.createDirectory(at: home, withIntermediateDirectories: true)
        return try await TestSupport.run(
            Peer.git.found(), arguments,
            environment: [
                "PATH": ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin", "HOME": home.path,
                "GIT_CONFIG_NOSYSTEM": "1", "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C",
                "GIT_AUTHOR_NAME": "Ada", "GIT_AUTHOR_EMAIL": "ada@example.com",
                "GIT_COMMITTER_NAME": "Ada", "GIT_COMMITTER_EMAIL": "ada@example.com",
            ],
            directory: name.map { folder.url.appendingPathComponent($0) } ?? folder.url,
            input: Data(input.utf8))
    }

    func remote(_ id: String, token: String = "hf_me") -> String {
        let port = hub.url.port ?? 0
        return token.isEmpty
            ? "http://127.0.0.1:\(port)/spaces/\(id)" : "http://user:\(token)@127.0.0.1:\(port)/spaces/\(id)"
    }

    func clone(_ id: String, to name: String = "work") async throws {
        let finished = try await git("clone", "-q", remote(id), name)
        #expect(finished.status == 0, "\(finished)")
    }

    /// Writes files into a clone, commits and pushes them.
    @discardableResult
    func push(_ files: [String: String], in name: String = "work", branch: String = "main") async throws
        -> Finished
    {
        for (path, text) in files { try folder.write("\(name)/\(path)", text) }
        _ = try await git("add", "-A", in: name)
        _ = try await git("commit", "-q", "-m", "change", in: name)
        return try await git("push", "origin", "HEAD:\(branch)", in: name)
    }

    func head(of name: String = "work") async throws -> String {
        try await git("rev-parse", "HEAD", in: name).out.trimmingCharacters(in: .whitespacesAndNewlines)
    }
}
