import Foundation
import HTTP
import TestSupport
import Testing
import TextTools

@testable import ContainerRegistry
@testable import HubAPI

/// Property tests for all parsers of responses from the Hub, registries and apps.
struct HubParserPropertyTests {
    private static let parsers = [
        HostileParser(
            "event stream", ["data: ", "{\"data\":\"x\"}", "\n", "\r\n", ":", " ", "event: a\n", "data:\n"]
        ) { bytes in
            var events = ServerSentEvents()
            for piece in stride(from: 0, to: bytes.count, by: 5) {
                _ = events.consume(Data(bytes[piece..<min(piece + 5, bytes.count)]))
            }
        },
        HostileParser(
            "manifest",
            [
                "{", "}", "[", "]", "\"manifests\":", "\"layers\":", "\"size\":", "1e308", "-1", ",",
                "\"digest\":", "\"a\"",
                "\"platform\":{\"os\":\"linux\"}", "\"schemaVersion\":1", "null", "\"config\":",
            ]
        ) { bytes in
            let json = JSON(Data(bytes))
            _ = (RegistryManifest.platform(json?["platform"]), json?.data)
        },
        HostileParser(
            "challenge", ["Bearer ", "realm=", "\"", "https://a/", "\\", ",", " ", "scope=a", "Basic", "="]
        ) {
            _ = RegistryChallenge.all(in: String(decoding: $0, as: UTF8.self))
        },
        HostileParser("date", ["2026", "-", "99999999999999999999", "T", ":", "Z", ".", "12", "+01:00", " "])
        {
            _ = Date(hub: String(decoding: $0, as: UTF8.self))
        },
        HostileParser(
            "HTTP date",
            ["Sun, ", "06 ", "Nov ", "1994 ", "08:49:37", " GMT", "9223372036854775807", "-", ":"]
        ) {
            _ = HTTPDate.parse(String(decoding: $0, as: UTF8.self))
        },
    ]

    @Test(arguments: parsers) func `no input crashes the parser`(_ parser: HostileParser) { parser.run() }

    @Test(arguments: parsers)
    func `doubling the input at most about doubles the time`(_ parser: HostileParser) {
        let worst = parser.growth()
        #expect(worst.ratio < 3.4, "\(parser): \(worst.ratio) for \(worst.input.debugDescription) repeated")
    }

    @Test func `the nesting depth of JSON is limited`() {
        func nested(_ depth: Int) -> Data {
            Data((String(repeating: "[", count: depth) + String(repeating: "]", count: depth)).utf8)
        }
        #expect(JSON(nested(64)) != nil)
        #expect(JSON(nested(65)) == nil)
        #expect(JSON(nested(1_000_000)) == nil)
        #expect(
            JSON(Data(#"{"a":[1.5,true,null,"\ud83d\ude80"]}"#.utf8)) == [
                "a": .array([.number(1.5), true, .null, "🚀"])
            ])
    }

    @Test(arguments: [
        "Sun, 06 Nov 9223372036854775807 08:49:37 GMT", "Sun, 99 Nov 1994 08:49:37 GMT",
        "Sun, 06 Nov 1994 99999999:49:37 GMT",
    ])
    func `an impossible date is rejected`(text: String) { #expect(HTTPDate.parse(text) == nil) }
}
