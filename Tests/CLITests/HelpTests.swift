import DeploySettings
import Documentation
import TestSupport
import Testing

@testable import CLI

/// The layout and the language of the help texts.
struct HelpTests {
    @Test func `no line of a help text is over 80 columns`() {
        for text in [HelpText.overview] + Command.all.map(HelpText.of) {
            for line in text.split(separator: "\n") { #expect(line.count <= 80, "\(line)") }
        }
    }

    @Test func `every command is in exactly one group, with its summary on the same line`() {
        let grouped = HelpText.groups.flatMap(\.commands).map(\.name)
        #expect(grouped.sorted() == Command.all.map(\.name).sorted())
        let lines = HelpText.overview.split(separator: "\n")
        for command in Command.all {
            let own = lines.filter {
                $0.hasPrefix("  \(command.name) ") && $0.hasSuffix("  \(command.help.summary)")
            }
            #expect(own.count == 1, "\(command.name)")
        }
    }

    @Test func `help lists every flag of a command once, the global options last`() {
        for command in Command.all {
            let groups = HelpText.flagGroups(command)
            #expect(Set(groups.flatMap(\.flags)) == Set(command.flags + command.output), "\(command.name)")
            #expect(
                groups.flatMap(\.flags).count == (command.flags + command.output).count, "\(command.name)")
            #expect(groups.last?.heading == "Global options")
        }
    }

    @Test func `examples are valid command lines`() throws {
        for command in Command.all {
            for example in command.help.examples {
                let words = example.split(separator: " ").map { String($0) }
                #expect(words.first == command.name)
                _ = try Arguments(Array(words.dropFirst()), flags: command.allFlags)
            }
        }
    }

    @Test func `help, flags and settings do not use words of the list`() {
        let flags = Command.all.flatMap(\.allFlags).map(\.summary)
        let settings = SettingKey.all.flatMap { [$0.summary, $0.defaultValue] }
        for text in [HelpText.overview] + Command.all.map(HelpText.of) + flags + settings {
            #expect(AvoidedWords.found(in: text) == [], "\(text)")
        }
    }

    @Test func `the list of words is found in sentences, but not inside other words`() {
        let text = "It shall\n mend what lies there, look at it, and take it out: there is no way"
        #expect(AvoidedWords.found(in: text) == ["is no", "mend", "look at", "take … out", "shall", "lies"])
        #expect(
            AvoidedWords.found(in: "recommend, applies, thresholds, is not, is now, take it. Out of it") == []
        )
    }
}
