import Testing
import TextTools

@testable import CLI
@testable import DeploySettings
@testable import Reporting
@testable import SpacesModel

struct ArgumentsTests {
    private let flags = Flag.target + Flag.push + Flag.output

    @Test func `flags and positional arguments may be in any order`() throws {
        let arguments = try Arguments(
            ["me/a", "--branch", "x:main", "-n", "me/b", "--exclude=*.log", "--", "--odd"], flags: flags)
        #expect(arguments.positionals == ["me/a", "me/b", "--odd"])
        #expect(arguments.has(.dryRun))
        #expect(arguments.flags.map(\.value) == ["x:main", "true", "*.log"])
    }

    @Test func `short flags can be combined, the last one with its value`() throws {
        let arguments = try Arguments(["-qnm", "a subject", "-mother"], flags: flags)
        #expect(arguments.has(.quiet) && arguments.has(.dryRun))
        #expect(arguments.values(.message) == ["a subject", "other"])
    }

    @Test(arguments: [
        (["--brunch", "x"], "did you mean --branch?"), (["--branch"], "use --branch FROM[:TO]"),
        (["--create=yes"], nil), (["-z"], nil), (["-c", "brunch=x"], "did you mean branch?"),
    ])
    func `an invalid flag is a usage error that suggests a similar one`(line: [String], hint: String?) {
        #expect {
            _ = try Arguments(line, flags: flags).layers()
        } throws: { error in
            guard let failure = error as? DeployError else { return false }
            return failure.kind == .usage && (hint == nil || failure.hint == hint)
        }
    }

    @Test func `every flag that sets a key is a separate layer`() throws {
        let layers = try Arguments(["--rebuild", "-c", "card=title: A=B", "--root", "app"], flags: flags)
            .layers()
        let entries = layers.flatMap(\.entries)
        #expect(entries.map(\.key) == ["rebuild", "card", "root"])
        #expect(entries.map(\.value) == ["factory", "title: A=B", "app"])
        #expect(layers.map(\.origin) == [.flag("--rebuild"), .flag("-c"), .flag("--root")])
    }

    @Test func `the flag names of a command are unique`() {
        for command in Command.all {
            let names = command.allFlags.flatMap(\.names)
            #expect(Set(names).count == names.count, "\(command.name)")
        }
    }

    @Test func `the flags that set a key are those of the table of keys, with the key's name`() {
        let flags = (Flag.target + Flag.push).filter { $0.key != nil }
        #expect(Set(flags.compactMap(\.key)) == Set(SettingKey.all.filter(\.hasFlag).map(\.name)))
        for flag in flags { #expect(flag.names == ["--\(flag.key ?? "")"]) }
    }
}

struct OutputTests {
    @Test(arguments: [
        ("plain", "plain"), ("\u{1B}[31mred\u{1B}[0m", "red"), ("\u{1B}]0;title\u{7}x", "x"),
        ("\u{1B}]8;;http://x\u{1B}\\link", "link"), ("a\rb\u{8}", "ab"), ("\u{9B}2Jx", #"\u{9b}2Jx"#),
        ("é 中", "é 中"),
        ("a\tb", "a    b"), ("\u{202E}evil", #"\u{202e}evil"#), ("\u{1B}", ""), ("\u{1B}[", ""),
        ("a\u{200B}b", #"a\u{200b}b"#), ("a\u{AD}b\u{FEFF}", #"a\u{ad}b\u{feff}"#),
        ("x\u{2028}y", #"x\u{2028}y"#),
        ("a\u{200D}b", #"a\u{200d}b"#), ("1\u{FE0F}", #"1\u{fe0f}"#), ("a\u{E0041}", #"a\u{e0041}"#),
        ("⚡️ 👩‍💻 👨‍👩‍👧 1️⃣ 🏴󠁧󠁢󠁥󠁮󠁧󠁿", "⚡️ 👩‍💻 👨‍👩‍👧 1️⃣ 🏴󠁧󠁢󠁥󠁮󠁧󠁿"), ("می‌خواهم 日本語　テスト", "می‌خواهم 日本語　テスト"),
    ])
    func `untrusted text is shown without control sequences`(text: String, shown: String) {
        #expect(text.visible == shown)
    }

    @Test func `JSON is written on one line, whatever the text`() throws {
        let json = JSON.object([
            "b": .string("x\n\"\\\u{1}\u{7F}é"),
            "a": .array([
                .int(1), .double(1), .double(1.5), .number(2), .bool(true), .null, .double(.infinity),
            ]),
        ])
        #expect(json.text == #"{"b":"x\n\"\\\u0001\u007fé","a":[1,1.0,1.5,2,true,null,null]}"#)
    }

    @Test(arguments: [(0, "0 B"), (999, "999 B"), (14_900, "14.6 KiB"), (1_250_000_000, "1.2 GiB")])
    func `byte counts are formatted with a unit`(count: Int, text: String) { #expect(count.asSize == text) }
}
