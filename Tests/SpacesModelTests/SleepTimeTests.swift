import Testing

@testable import SpacesModel

struct SleepTimeTests {
    @Test(arguments: [
        ("never", -1, "never"), ("-1", -1, "never"), ("3600", 3600, "1h"), ("1h30m", 5400, "1h30m"),
        ("2d", 172_800, "2d"), ("90061", 90_061, "1d1h1m1s"),
    ])
    func `a sleep time is parsed and formatted`(text: String, seconds: Int, shown: String) throws {
        let time = try #require(SleepTime(text))
        #expect(time.seconds == seconds)
        #expect(time.description == shown)
        #expect(SleepTime(shown) == time)
    }

    @Test(arguments: ["", "0", "-2", "soon", "500ms", "99999999999999999999"])
    func `invalid sleep times are rejected`(text: String) { #expect(SleepTime(text) == nil) }
}
