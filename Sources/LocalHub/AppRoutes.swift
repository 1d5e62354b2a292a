import Essentials
import HTTPServer
import TextTools

/// Routes of the simulated apps at `http://SUBDOMAIN.localhost:PORT`.
struct AppRoutes: Sendable {
    let hub: HubContext

    /// Returns the subdomain in the request's host; `nil` if the request is for the Hub itself.
    static func subdomain(of request: Request) -> String? {
        guard request.host.hasSuffix(".localhost") else { return nil }
        let name = request.host.dropLast(".localhost".count)
        return String(name.hasSuffix(".static") ? name.dropLast(7) : name)
    }

    /// Returns the response of a Space's app, as scripted in its `.hub.json`.
    func app(_ subdomain: String, _ request: Request) async throws -> Response {
        let account = try? hub.caller(request)
        guard let space = await hub.registry.space(subdomain: subdomain),
            !space.isPrivate || account.map({ hub.maySee($0, space) }) ?? false
        else { return Self.page(404, "Sorry, we can't find the page you are looking for.") }
        if space.isStatic { return try await page(of: space, request) }
        // A real app reads the request body too, and its bytes count in the request log.
        _ = try await request.body.collect()
        let path = "/" + request.target.segments.joined(separator: "/")
        guard let (_, script, visit) = await hub.registry.visit(space.id, path: path), space.isServing else {
            return Self.page(503, "The Space \(space.id) is not running: \(space.stage)")
        }
        guard let reply = script.reply(to: path, visit: visit) else {
            return .text("\(space.id) at \(space.serving ?? ""): simulated by the local Hub\n")
        }
        try await Task.sleep(for: reply.delay)
        var fields = HTTPFields()
        for (name, value) in reply.headers { fields[name] = value }
        return .text(reply.body, status: reply.status, fields: fields)
    }

    private static func page(_ status: Int, _ message: String) -> Response {
        .text(
            "<!doctype html><title>\(message)</title><h1>\(message)</h1>\n", status: status, type: "text/html"
        )
    }

    /// Returns a file of a static Space at its head.
    private func page(of space: Space, _ request: Request) async throws -> Response {
        guard let head = space.head, space.stage == "RUNNING" else { return Self.page(503, "Not running") }
        var path = request.target.segments.filter { !$0.isEmpty }.joined(separator: "/")
        if path.isEmpty { path = space.card["app_file"].string ?? "index.html" }
        let repository = hub.registry.repository(space.id)
        guard let bytes = try await repository.file(path, at: head) else {
            return Self.page(404, "Not found")
        }
        if bytes.count < 1024, let pointer = HubLFSPointer(bytes) {
            return try .file(hub.registry.store(space.id).object(pointer.oid), range: nil)
        }
        let fileExtension = path.split(separator: ".").last.map(String.init) ?? ""
        let type = Self.types[fileExtension] ?? "text/plain; charset=utf-8"
        return Response(fields: ["Content-Type": type], body: .bytes(bytes))
    }

    private static let types = [
        "html": "text/html; charset=utf-8", "css": "text/css; charset=utf-8", "js": "text/javascript",
        "json": "application/json", "svg": "image/svg+xml", "png": "image/png", "wasm": "application/wasm",
    ]
}

extension Response {
    /// Returns a file, or the single byte range of the file that the request asks for (RFC 9110,
    /// 14.2). Throws `HubHTTPError.noEntry` if the file does not exist.
    static func file(_ file: URL, range: String?) throws -> Response {
        guard let size = LFSStore.size(at: file) else { throw HubHTTPError.noEntry }
        var response = Response(fields: [
            "Content-Type": "application/octet-stream", "Accept-Ranges": "bytes",
        ])
        response.body = .file(path: file.path, length: size)
        guard let range, let (first, last) = byteRange(range, of: size) else { return response }
        guard first <= last, first < size else {
            return Response(416, fields: ["Content-Range": "bytes */\(size)"])
        }
        response.status = 206
        response.fields["Content-Range"] = "bytes \(first)-\(last)/\(size)"
        response.body = .file(path: file.path, offset: first, length: last - first + 1)
        return response
    }

    private static func byteRange(_ range: String, of size: Int) -> (Int, Int)? {
        guard range.hasPrefix("bytes=") else { return nil }
        let bounds = range.dropFirst(6).split(separator: "-", omittingEmptySubsequences: false)
        guard bounds.count == 2 else { return nil }
        if bounds[0].isEmpty { return Int(bounds[1]).map { (max(size - $0, 0), size - 1) } }
        guard let first = Int(bounds[0]) else { return nil }
        return (first, min(Int(bounds[1]) ?? size - 1, size - 1))
    }
}
