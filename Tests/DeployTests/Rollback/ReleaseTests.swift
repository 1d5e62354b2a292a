import Testing

@testable import Deploy
@testable import SpacesModel

/// Tests for the release numbers of deploys, including those in a hostile history.
struct ReleaseTests {
    private func commit(_ number: Int, _ trailers: String) throws -> HistoryEntry {
        let hex = String(number, radix: 16)
        let id = try #require(ObjectID(String(repeating: "0", count: 40 - hex.count) + hex))
        return HistoryEntry(
            id: id, subject: "Deploy \(number)",
            trailers: Trailers(of: "Deploy\n\n\(trailers)Spacesync: 0.1.0\n"))
    }

    @Test(arguments: ["1", "12", "999999999"])
    func `decimal digits are a release number`(text: String) { #expect(Release.parse(text) == Int(text)) }

    @Test(arguments: [
        "", "0", "012", "-3", "+3", "1.5", "1e3", "0x10", "12 ", "v12", "twelve", "１２", "1000000000",
        "99999999999999999999999999",
    ])
    func `any other text is not a release number`(text: String) { #expect(Release.parse(text) == nil) }

    @Test func `the next number is one more than that of the previous deploy`() throws {
        #expect(Release.next(after: []) == 1)
        #expect(Release.next(after: [try commit(1, "Release: 11\n")]) == 12)
        let mixed = [
            try commit(3, ""), try commit(2, "Release: x\n"), try commit(1, "Release: 7\n"),
            try commit(0, ""),
        ]
        #expect(Release.next(after: mixed) == 10, "two deploys without a number count")
        #expect(Release.next(after: try (0..<5).map { try commit($0, "") }) == 6, "all of them are counted")
    }

    @Test func `a number at the limit is not incremented`() throws {
        let highest = try commit(2, "Release: 999999999\n")
        #expect(Release.next(after: [highest]) == 2)
        #expect(Release.next(after: [try commit(3, ""), highest, try commit(1, "Release: 1\n")]) == 4)
    }

    @Test func `a trailer that occurs twice is ignored`() throws {
        #expect(try commit(1, "Release: 3\nRelease: 4\n").trailers.release == nil)
        #expect(try commit(1, "release: 3\n").trailers.release == 3)
        let id = String(repeating: "a", count: 40)
        let twice = "Previous-Outcome: ran \(id)\nPrevious-Outcome: failed \(id)\n"
        #expect(try commit(1, twice).trailers.previousOutcome == nil)
    }

    @Test(arguments: [
        "", "ran", "ran  aaaa", "won AAAA", "ran AAAA AAAA", "ran aaaaaaa", "ran zzzz", "RAN AAAA",
        "rolled_back AAAA",
    ])
    func `an invalid record of an outcome is ignored`(value: String) throws {
        let text = value.replacing("AAAA", with: String(repeating: "a", count: 40))
        #expect(try commit(1, "Previous-Outcome: \(text)\n").trailers.previousOutcome == nil)
    }

    @Test func `written trailers are read back`() throws {
        let id = try #require(ObjectID(String(repeating: "b", count: 40)))
        for outcome in DeployOutcome.allCases {
            var trailers = Trailers()
            ReleaseTrailers(release: 12, previous: .init(commit: id, outcome: outcome)).write(to: &trailers)
            trailers.add("Spacesync", "0.1.0")
            let read = Trailers(of: "Subject\n\n" + trailers.text)
            #expect(read.release == 12)
            #expect(read.previousOutcome?.commit == id && read.previousOutcome?.outcome == outcome)
        }
    }
}
