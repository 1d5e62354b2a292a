import Testing
import TextTools

/// Tests for the forms of durations and sizes in output.
struct FormattingTests {
    @Test(arguments: [
        (0, "0s", "0s", "0s"), (45_999, "45s999ms", "45s", "45s"), (90_000, "1m30s", "1m30s", "1m30s"),
        (5_400_000, "1h30m", "1h30m", "90m"), (129_600_500, "36h500ms", "1d12h", "2160m"),
    ])
    func `durations in the notation of settings`(
        milliseconds: Int, setting: String, days: String, minutes: String
    ) {
        let duration = Duration.milliseconds(milliseconds)
        #expect(duration.text(.setting) == setting)
        #expect(duration.text(.days) == days)
        #expect(duration.text(.minutes) == minutes)
    }

    @Test(arguments: [
        (0, "0.0 s", "0 s", "0.0"), (64, "0.06 s", "0 s", "0.0"), (3149, "3.1 s", "3 s", "3.1"),
        (59_960, "60.0 s", "59 s", "59.9"), (125_900, "2 min 5 s", "2 min 5 s", "125.9"),
    ])
    func `durations of work`(milliseconds: Int, elapsed: String, running: String, tenths: String) {
        let duration = Duration.milliseconds(milliseconds)
        #expect(duration.text(.elapsed) == elapsed)
        #expect(duration.text(.running) == running)
        #expect(duration.text(.tenths) == tenths)
    }

    @Test(arguments: [
        (59, "now"), (60, "1 min ago"), (3599, "59 min ago"), (3600, "1 h ago"), (172_799, "47 h ago"),
        (172_800, "2 d ago"),
    ])
    func `ages`(seconds: Int, age: String) {
        #expect(Duration.seconds(seconds).text(.age) == age)
        #expect(Duration.ago(1000, now: 1000 + Int64(seconds)) == age)
        #expect(Duration.ago(.min, now: .max) == "now")
    }

    @Test(arguments: [
        (0, "0 B"), (999, "999 B"), (1000, "1000 B"), (1024, "1.0 KiB"), (1250, "1.2 KiB"),
        (999_950, "976.5 KiB"), (1_048_576, "1.0 MiB"), (1_250_000_000, "1.2 GiB"), (.max, "8388608.0 TiB"),
    ])
    func `sizes`(bytes: Int, text: String) { #expect(bytes.asSize == text) }

    @Test func `a number is followed by the singular or the plural of its noun`() {
        #expect(
            (counted(1, "file"), counted(0, "file"), counted(12, "file")) == ("1 file", "0 files", "12 files")
        )
        #expect(counted(2, "entry", plural: "entries") == "2 entries")
    }
}
