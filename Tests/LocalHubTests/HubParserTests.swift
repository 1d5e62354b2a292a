import TestSupport
import Testing
import TextTools

@testable import LocalHub

/// Tests that no pushed file can crash the local Hub.
struct HubParserTests {
    private static let parsers = [
        HostileParser(
            ".hub.json",
            [
                "{", "}", "[", "]", "\"lag\":", "\"build\":", "\"seconds\":", "1e308", "-1", ",", "\"exit\":",
                "\"app\":",
                "\"*\":", "\"status\":", "true", "\"", "\\",
            ]
        ) { bytes in
            let script = HubScenario(bytes)
            _ = (
                script.lag, script.buildTime, script.buildExit, script.appExit,
                script.reply(to: "/", visit: 3)?.delay
            )
        },
        HostileParser(
            "card", ["a: ", "- ", "[", "]", "{", "}", "\"", "'", "|\n", "\n", "  ", "#", ",", ": "]
        ) { _ = try? YAML.parse(String(decoding: $0, as: UTF8.self)) },
    ]

    @Test(arguments: parsers) func `no input crashes the process`(_ parser: HostileParser) { parser.run() }

    @Test func `the nesting depth of JSON is limited`() {
        func nested(_ depth: Int) -> [UInt8] {
            Array((String(repeating: "[", count: depth) + String(repeating: "]", count: depth)).utf8)
        }
        #expect(JSON(nested(64)) != nil)
        #expect(JSON(nested(65)) == nil)
        #expect(JSON(nested(1_000_000)) == nil)
        #expect(JSON(Array(#"{"a":"[[[\"[["}"#.utf8)) != nil)
    }
}
