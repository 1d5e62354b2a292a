import Foundation
import TestSupport
import Testing

@testable import HTTP

struct HubStorageFlagTests {
    @Test func `the Hub's part size and link lifetime can be set`() async throws {
        let scene = try await Scene(hub: ["--part-size", "64k", "--link-lifetime", "10m"])
        _ = try await scene.hub.api(
            "POST", "/repos/create", #"{"name": "web", "type": "space", "sdk": "docker"}"#)
        let oid = String(repeating: "ab", count: 32)
        let body = #"""
            {"operation": "upload", "transfers": ["basic", "multipart"],
             "objects": [{"oid": "\#(oid)", "size": 65537}]}
            """#
        let reply = try await scene.hub.call(
            "POST", "/spaces/me/web.git/info/lfs/objects/batch", body, token: Scene.token)
        let text = String(decoding: reply.body, as: UTF8.self)
        for part in [
            #""transfer":"multipart""#, #""chunk_size":"65536""#, #""00002":"http"#, #""expires_in":600"#,
        ] { #expect(text.contains(part), "\(text)") }
    }

    @Test(arguments: [
        ("--part-size", "0"), ("--part-size", "5ß"), ("--part-size", "-1K"), ("--part-size", "9999999999G"),
        ("--link-lifetime", "0"), ("--link-lifetime", "soon"),
    ])
    func `an invalid size or duration is refused with a valid example`(_ flag: String, _ text: String)
        async throws
    {
        let scene = try await Scene()
        let finished = try await scene.spacesync("hub", flag, text)
        #expect(finished.status == 2)
        let message = "\(flag): invalid \(flag == "--part-size" ? "size" : "duration") \"\(text)\""
        #expect(finished.err.contains(message), "\(finished)")
        #expect(finished.err.contains("hint: use a value such as \(flag) "), "\(finished)")
    }
}
