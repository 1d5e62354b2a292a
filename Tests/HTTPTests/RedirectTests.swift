import Foundation
import HTTP
import TestSupport
import Testing

@Suite struct RedirectTests {
    private let token = Secret("hunter2").map { Authorization.basic(user: "me", password: $0) }

    private func redirect(_ status: Int, to location: String) -> ScriptedServer.Step {
        answer("\(status) Moved", ["Location: \(location)"], "moved")
    }

    @Test(arguments: [301, 302, 303, 307, 308])
    func `a GET follows a redirect and keeps its token on the same origin`(_ status: Int) async throws {
        let server = try ScriptedServer(
            [.request, redirect(status, to: "/b?x=1")], [.request, answer("200 OK")])
        let meter = TrafficCounter()
        let request = HTTPClientRequest("GET", server.url("/a"), authorization: token)
        let response = try await HTTPClient().send(request, meter: meter)
        #expect((response.status, meter.requests) == (200, 2))
        #expect(response.url.path == "/b")
        let received = server.connections.joined()
        #expect(received.contains("GET /b?x=1 HTTP/1.1"))
        #expect(received.components(separatedBy: "Authorization: Basic").count == 3)
    }

    @Test func `another origin gets neither token nor cookie`() async throws {
        let other = try ScriptedServer([.request, answer("200 OK", [], "there")])
        let server = try ScriptedServer([.request, redirect(302, to: other.url("/c").absoluteString)])
        let request = HTTPClientRequest("GET", server.url(), headers: ["Cookie": "a=b"], authorization: token)
        #expect(try await HTTPClient().send(request).text == "there")
        #expect(server.connections[0].contains("Authorization: Basic bWU6aHVudGVyMg=="))
        #expect(!other.connections[0].contains("Authorization") && !other.connections[0].contains("Cookie"))
    }

    @Test func `cookies of a response are not stored`() async throws {
        let server = try ScriptedServer([
            .request, answer("200 OK", ["Set-Cookie: a=b"]), .request, answer("200 OK"),
        ])
        let client = HTTPClient()
        for _ in 1...2 { _ = try await client.send(HTTPClientRequest("GET", server.url())) }
        #expect(!server.connections.joined().contains("Cookie:"))
    }

    @Test(arguments: [301, 302])
    func `a POST is not changed to a GET`(_ status: Int) async throws {
        let server = try ScriptedServer([.request, redirect(status, to: "/b?signature=x")])
        let request = HTTPClientRequest("POST", server.url(), body: .bytes(Data("x".utf8)))
        let failure = await #expect(throws: HTTPError.self) { _ = try await HTTPClient().send(request) }
        #expect(failure == .redirect(host: "127.0.0.1:\(server.port)", to: "/b"))
    }

    @Test(arguments: [307, 308])
    func `a POST follows a redirect on the same origin unchanged`(_ status: Int) async throws {
        let server = try ScriptedServer(
            [.request, redirect(status, to: "/b")], [.request, answer("200 OK")])
        let request = HTTPClientRequest("POST", server.url(), body: .bytes(Data("payload".utf8)))
        #expect(try await HTTPClient().send(request).status == 200)
        #expect(server.connections.joined().components(separatedBy: "payload").count == 3)
    }

    @Test func `a POST does not follow a redirect to another origin`() async throws {
        let other = try ScriptedServer([.request, answer("200 OK")])
        let server = try ScriptedServer([.request, redirect(307, to: other.url().absoluteString)])
        let request = HTTPClientRequest("POST", server.url(), body: .bytes(Data("x".utf8)))
        await #expect(throws: HTTPError.self) { _ = try await HTTPClient().send(request) }
        #expect(other.connections.isEmpty)
    }

    @Test(arguments: ["file:///etc/passwd", "ftp://127.0.0.1/", "gopher://x/"])
    func `only redirects to http and https are followed`(_ location: String) async throws {
        let server = try ScriptedServer([.request, redirect(302, to: location)])
        await #expect(throws: HTTPError.self) {
            _ = try await HTTPClient().send(HTTPClientRequest("GET", server.url()))
        }
    }

    @Test func `a redirect loop ends after ten redirects`() async throws {
        let server = try ScriptedServer(
            [.request, redirect(302, to: "/")])
        let meter = TrafficCounter()
        await #expect(throws: HTTPError.self) {
            _ = try await HTTPClient().send(HTTPClientRequest("GET", server.url()), meter: meter)
        }
        #expect(meter.requests == 11)
    }

    @Test func `a redirect without a Location is returned as a response`() async throws {
        let server = try ScriptedServer([.request, answer("302 Found", [], "where?")])
        let response = try await HTTPClient().send(HTTPClientRequest("GET", server.url()))
        #expect(response.status == 302)
    }

    @Test func `a stream follows redirects`() async throws {
        let server = try ScriptedServer(
            [.request, redirect(302, to: "/b")], [.request, answer("200 OK", [], "ok")])
        let streamed = try await HTTPClient().stream(HTTPClientRequest("GET", server.url()))
        var text = ""
        for try await chunk in streamed.chunks { text += String(decoding: chunk, as: UTF8.self) }
        #expect((streamed.status, text) == (200, "ok"))
    }
}
