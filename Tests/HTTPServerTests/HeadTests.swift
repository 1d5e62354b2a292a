import Testing

@testable import HTTPServer

struct HeadTests {
    @Test func `a request line and header fields are parsed`() throws {
        var buffer = Array("GET /a%2Fb/c?x=1&y=a+b HTTP/1.1\r\nHost: h:1\r\nX-A:  b \r\n\r\nrest".utf8)
        let head = try #require(try RequestHead.parse(from: &buffer))
        #expect(head.method == "GET")
        #expect(head.target.segments == ["a/b", "c"])
        #expect(head.target.value("y") == "a b")
        #expect(head.fields["x-a"] == "b")
        #expect(head.keepsAlive)
        #expect(buffer == Array("rest".utf8))
    }

    @Test func `an incomplete head is parsed once the rest arrives`() throws {
        var buffer = Array("GET / HTTP/1.1\r\nHost: h\r\n".utf8)
        #expect(try RequestHead.parse(from: &buffer) == nil)
        buffer += Array("\r\n".utf8)
        #expect(try RequestHead.parse(from: &buffer) != nil)
    }

    @Test(arguments: [
        ("GET /\r\n\r\n", 400), ("GET / HTTP/1.1\r\n\r\n", 400), ("GET / HTTP/2.0\r\nHost: h\r\n\r\n", 505),
        ("GET /%zz HTTP/1.1\r\nHost: h\r\n\r\n", 400), ("GET /%00 HTTP/1.1\r\nHost: h\r\n\r\n", 400),
        ("G@T / HTTP/1.1\r\nHost: h\r\n\r\n", 400), ("GET / HTTP/1.1\r\nHost: h\r\nBad Name: x\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: gzip\r\n\r\n", 501),
        ("GET / HTTP/1.1\r\nHost: h\r\nContent-Length: -1\r\n\r\n", 400),
        ("GET / HTTP/1.1\r\nHost: h\r\nContent-Length: 99999999999999999999\r\n\r\n", 400),
    ])
    func `malformed heads are refused`(_ text: String, _ status: Int) {
        var buffer = Array(text.utf8)
        #expect { try RequestHead.parse(from: &buffer) } throws: { ($0 as? BadRequest)?.status == status }
    }

    @Test func `an endless head is refused`() {
        var buffer = Array(("GET / HTTP/1.1\r\nX: " + String(repeating: "a", count: 70_000)).utf8)
        #expect { try RequestHead.parse(from: &buffer) } throws: { ($0 as? BadRequest)?.status == 431 }
    }

    @Test func `random bytes never trap`() {
        var random = SystemRandomNumberGenerator()
        for _ in 0..<2_000 {
            var buffer: [UInt8] = (0..<64).map { _ in
                [10, 13, 32, 37, 47, 58, 65, 72, 255].randomElement(using: &random) ?? 0
            }
            buffer += [10, 10]
            _ = try? RequestHead.parse(from: &buffer)
            var decoder = BodyDecoder(.chunked)
            _ = try? decoder.decode(from: &buffer)
        }
    }
}

struct BodyDecoderTests {
    @Test func `chunks are decoded regardless of how the input is split`() throws {
        let wire = Array("5\r\nhello\r\n6;x=y\r\n world\r\n0\r\nTrailer: 1\r\n\r\nnext".utf8)
        for size in 1...wire.count {
            var decoder = BodyDecoder(.chunked), buffer: [UInt8] = [], body: [UInt8] = []
            for start in stride(from: 0, to: wire.count, by: size) where !decoder.isDone {
                buffer += wire[start..<min(start + size, wire.count)]
                body += try decoder.decode(from: &buffer)
            }
            #expect(String(decoding: body, as: UTF8.self) == "hello world")
            #expect(decoder.isDone)
        }
    }

    @Test(arguments: ["x\r\n", "\r\n", "5\r\nhelloX\r\n", "ffffffffffffffffff\r\n"])
    func `malformed chunks are refused`(_ text: String) {
        var decoder = BodyDecoder(.chunked), buffer = Array(text.utf8)
        #expect(throws: BadRequest.self) {
            _ = try decoder.decode(from: &buffer)
            _ = try decoder.decode(from: &buffer)
        }
    }
}

struct RouterTests {
    private let router: Router = {
        var router = Router()
        router.on("GET", "/a/{x}.git/{rest...}") { .text("git \($0["x"]) \($0["rest"])") }
        router.on("GET", "/a/{x}") { .text("one \($0["x"])") }
        return router
    }()

    @Test(arguments: [
        ("/a/b.git/c/d", "git b c/d"), ("/a/b%2Fc", "one b/c"), ("/a/b.git", "git b "), ("/a", "Not Found"),
        ("/a/b/", "one b"), ("/a//", "Not Found"),
    ])
    func `route patterns capture parts of the path`(_ path: String, _ text: String) async throws {
        let response = try await router.handle(Request("GET", path))
        guard case .bytes(let bytes) = response.body else { return }
        #expect(String(decoding: bytes, as: UTF8.self) == text)
    }
}
