import Foundation
import HTTP
import TestSupport
import Testing

@Suite struct ClientTests {
    @Test func `a response has status, headers and body`() async throws {
        let server = try ScriptedServer([.request, answer("200 OK", ["X-Word: hello"], "body")])
        let meter = TrafficCounter()
        let response = try await HTTPClient().send(
            HTTPClientRequest("GET", server.url("/a?b=c")), meter: meter)
        #expect(response.status == 200)
        #expect(response.headers["x-word"] == "hello")
        #expect(response.text == "body")
        #expect(server.connections[0].hasPrefix("GET /a?b=c HTTP/1.1\r\n"))
        #expect((meter.requests, meter.bytesSent, meter.bytesReceived) == (1, 0, 4))
    }

    @Test func `a body is sent and its bytes are counted`() async throws {
        let server = try ScriptedServer([.request, answer("201 Created")])
        let meter = TrafficCounter()
        let request = HTTPClientRequest(
            "POST", server.url(), headers: ["X-A": "1"], body: .bytes(Data("hello".utf8)))
        #expect(try await HTTPClient().send(request, meter: meter).status == 201)
        #expect(meter.bytesSent == 5)
    }

    @Test func `a 401 is returned as a response`() async throws {
        let server = try ScriptedServer([
            .request, answer("401 Unauthorized", ["WWW-Authenticate: Basic realm=\"x\""], "Who?"),
        ])
        let response = try await HTTPClient().send(HTTPClientRequest("GET", server.url()))
        #expect(response.status == 401)
        #expect(response.text == "Who?")
        #expect(server.connections.count == 1)
    }
}

@Suite struct ChallengeTests {
    @Test(arguments: [
        "Basic realm=\"x\"", "Bearer realm=\"https://x/token\",service=\"x\"",
        "Digest realm=\"a\", nonce=\"b\"",
        "Negotiate", "Basic",
    ])
    func `a 401 is returned as a response for every challenge`(_ challenge: String) async throws {
        let server = try ScriptedServer([
            .request, answer("401 Unauthorized", ["WWW-Authenticate: \(challenge)"], "Who?"),
        ])
        let request = HTTPClientRequest("POST", server.url(), body: .bytes(Data("x".utf8)))
        let response = try await HTTPClient().send(request)
        #expect((response.status, response.text) == (401, "Who?"))
        #expect(response.headers["WWW-Authenticate"] == challenge)
        #expect(server.connections.count == 1)
    }
}
