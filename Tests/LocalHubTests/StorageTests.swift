import Foundation
import TestSupport
import Testing

@testable import HTTPServer
@testable import LocalHub

/// Tests of the presigned storage: refused requests, link lifetime, ranges and faults.
struct StorageTests {
    private let big = Data.sample(250), small = Data.sample(30)

    private func rehearse(
        _ set: (inout HubOptions) -> Void = { _ in }, _ work: (Rehearsal) async throws -> Void
    ) async throws {
        try await Rehearsal.run {
            $0.partSize = 100
            set(&$0)
        } _: { hub in
            try await hub.create("demo")
            try await work(hub)
        }
    }

    @Test(arguments: ["Bearer hf_me", "Bearer hf_wrong", "Basic eDp5"])
    func `a presigned link with an additional token is refused, even if the token is valid`(_ field: String)
        async throws
    {
        try await rehearse { hub in
            let upload = try await hub.actions("upload", big)["upload"]
            let single = try await hub.actions("upload", small)["upload"]["href"]
            #expect(try await hub.follow("PUT", single, small).status == 200)
            let down = try await hub.actions("download", small)["download"]["href"]
            let part = Data(big.prefix(100))
            for (method, link, data) in [
                ("PUT", single, small), ("PUT", upload["header"]["00001"], part), ("GET", down, nil),
            ] {
                let reply = try await hub.follow(method, link, data, fields: ["Authorization": field])
                #expect(reply.status == 400)
                #expect(
                    reply.text.contains(
                        "<Code>InvalidArgument</Code><Message>Only one auth mechanism allowed"))
                #expect(!reply.text.contains("hf_") && !reply.text.contains("eDp5"))
            }
            #expect(try hub.leftovers().isEmpty)
        }
    }

    @Test func `a presigned link expires and states its expiry time`() async throws {
        try await rehearse {
            $0.linkLifetime = .milliseconds(50)
        } _: { hub in
            let single = try await hub.actions("upload", small)["upload"]
            let upload = try await hub.actions("upload", big)["upload"]
            let folder = hub.folder.url.appendingPathComponent("root/spaces/me/demo.git")
            try await LFSStore(folder: folder).save(RequestBody(Array(small)), as: small.oid)
            let down = try await hub.actions("download", small)["download"]["href"]
            #expect(upload["expires_in"] == 1)
            let end = try #require(upload["expires_at"].string)
            #expect(end.hasSuffix("Z") && end < Date().addingTimeInterval(1).hubText)
            let isOver = await eventually {
                Date(timeIntervalSinceNow: -1).hubText > end
            }
            #expect(isOver)
            for (method, link, data) in [
                ("PUT", single["href"], small), ("PUT", upload["header"]["00001"], Data(big.prefix(100))),
                ("GET", down, nil),
            ] {
                let reply = try await hub.follow(method, link, data)
                #expect(reply.status == 403)
                #expect(
                    reply.text.contains("<Code>AccessDenied</Code><Message>Request has expired</Message>"))
            }
            let late = try await hub.complete(big, upload, [])
            #expect(late.status == 403 && late.json["error"] == "Request has expired")
        }
    }

    @Test func `a modified presigned link is refused`() async throws {
        try await rehearse { hub in
            let upload = try await hub.actions("upload", big)["upload"], part = Data(big.prefix(100))
            let href = upload["header"]["00001"].string ?? ""
            for changed in [
                href.replacingOccurrences(of: "/00001?", with: "/00002?"),
                href.replacingOccurrences(of: "size=250", with: "size=251"),
                href.replacingOccurrences(of: "expires=1", with: "expires=2"),
                href.replacingOccurrences(of: "/me/demo/", with: "/me/other/"),
                href.replacingOccurrences(of: big.oid, with: small.oid), href + "&signature=x", href + "0",
                href.components(separatedBy: "&signature")[0],
            ] {
                let reply = try await hub.follow("PUT", .string(changed), part)
                #expect(reply.status == 403 && reply.text.contains("SignatureDoesNotMatch"), "\(changed)")
            }
            #expect(try await hub.follow("GET", .string(href)).status != 200)
            #expect(try await hub.follow("PUT", .string(href), part).status == 200)
        }
    }

    @Test func `a body needs exactly one Content-Length`() async throws {
        try await rehearse { hub in
            let upload = try await hub.actions("upload", big)["upload"]
            let single = try await hub.actions("upload", small)["upload"]["href"]
            for link in [single, upload["header"]["00001"]] {
                let head = "PUT \(hub.target(link)) HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
                let chunked = try await hub.raw(
                    head + "Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n")
                #expect(chunked.hasPrefix("HTTP/1.1 501 ") && chunked.contains("<Code>NotImplemented</Code>"))
                let both = try await hub.raw(
                    head + "Transfer-Encoding: chunked\r\nContent-Length: 30\r\n\r\n1\r\na\r\n0\r\n\r\n")
                #expect(both.hasPrefix("HTTP/1.1 400 "))
                let none = try await hub.raw(head + "\r\n")
                #expect(none.hasPrefix("HTTP/1.1 400 ") && none.contains("IncompleteBody"))
            }
        }
    }

    @Test func `an object must have the announced length and digest`() async throws {
        try await rehearse { hub in
            let href = try await hub.actions("upload", small)["upload"]["href"]
            let short = try await hub.follow("PUT", href, Data(small.dropLast()))
            #expect(short.status == 400 && short.text.contains("<Code>IncompleteBody</Code>"))
            let other = try await hub.follow("PUT", href, Data.sample(30, seed: 1))
            #expect(other.status == 400 && other.text.contains("<Code>BadDigest</Code>"))
            #expect(try await !hub.holds(small))
            #expect(try hub.leftovers().isEmpty)
        }
    }

    @Test func `an interrupted upload leaves nothing behind`() async throws {
        try await rehearse { hub in
            let href = try await hub.actions("upload", small)["upload"]["href"]
            _ = try await hub.ask(
                "POST", "/_hub/faults", ["path": "/_lfs/", "method": "PUT", "cut_body": 12])
            let text = String(repeating: "a", count: small.count)
            let head =
                "PUT \(hub.target(href)) HTTP/1.1\r\nHost: localhost\r\nContent-Length: \(small.count)\r\n\r\n"
            #expect(try await hub.raw(head + text).isEmpty)
            let requests = try await hub.ask("GET", "/_hub/requests").json.array ?? []
            let put = try #require(requests.first { $0["method"] == "PUT" })
            #expect(put["request_bytes"] == 12 && put["status"] == 0)
            #expect(try await !hub.holds(small))
            #expect(try hub.leftovers().isEmpty)
            #expect(try await hub.follow("PUT", href, small).status == 200)
        }
    }

    @Test func `the slow_body fault limits the bytes read per second`() async throws {
        try await rehearse { hub in
            let href = try await hub.actions("upload", small)["upload"]["href"]
            _ = try await hub.ask("POST", "/_hub/faults", ["path": "/_lfs/", "slow_body": 100])
            let start = ContinuousClock.now
            #expect(try await hub.follow("PUT", href, small).status == 200)
            #expect(ContinuousClock.now - start > .milliseconds(290))
        }
    }

    @Test func `downloads support ranges, and faults return wrong or truncated bytes`() async throws {
        try await rehearse { hub in
            let href = try await hub.actions("upload", small)["upload"]["href"]
            #expect(try await hub.follow("PUT", href, small).status == 200)
            let down = try await hub.actions("download", small)["download"]["href"]
            let part = try await hub.follow("GET", down, fields: ["Range": "bytes=10-19"])
            #expect(part.status == 206 && part.data == small[10..<20])
            _ = try await hub.ask("POST", "/_hub/faults", ["path": "/_lfs/", "status": 200, "body": "wrong"])
            #expect(try await hub.follow("GET", down).text == "wrong")
            _ = try await hub.ask("POST", "/_hub/faults", ["path": "/_lfs/", "after_bytes": 10])
            await #expect(throws: (any Error).self) { try await hub.follow("GET", down) }
            #expect(try await hub.follow("GET", down).data == small)
        }
    }
}
