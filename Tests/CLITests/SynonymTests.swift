import DeploySettings
import Documentation
import SpacesModel
import Testing

@testable import CLI

/// Words and flags of other tools.
struct SynonymTests {
    private func hint(_ action: () throws -> Void) -> String? {
        do { try action() } catch let error as DeployError {
            #expect(error.kind == .usage)
            return error.hint
        } catch { Issue.record(error) }
        return nil
    }

    @Test(arguments: [("deploy", "push"), ("releases", "history"), ("stop", "pause")])
    func `a word with the same meaning works`(word: String, command: String) throws {
        #expect(try Command.find(word).name == command)
        #expect(HelpText.of(try Command.find(word)).contains(word))
    }

    @Test(arguments: [
        ("rebuild", "restart owner/name --factory"), ("start", "restart owner/name"),
        ("resume", "restart owner/name"),
        ("open", "status owner/name"), ("login", "HF_TOKEN"), ("whoami", "doctor"), ("env", "variables list"),
        ("scale", "hardware owner/name"), ("config", "plan -v"), ("ssh", "hf spaces ssh"),
        ("upload", "push owner/name"),
        ("files", "export owner/name DIR"), ("card", "plan owner/name --diff"),
        ("tokens", "spacesync help tokens"),
        ("pusj", "did you mean push?"),
    ])
    func `another word names the right command`(word: String, expected: String) throws {
        // A later command of this name takes precedence.
        if Command.named(word) == nil {
            #expect(hint { _ = try Command.find(word) }?.contains(expected) == true)
            #expect(hint { _ = try HelpSubject([word]) }?.contains(expected) ?? true)
        }
    }

    @Test func `every command and topic that a hint names exists`() throws {
        for hint in Synonyms.hints.values {
            let words = hint.split { " ;,".contains($0) }.map { String($0) }
            for (index, word) in words.enumerated() where word == "spacesync" {
                let command = try #require(Command.named(words[index + 1]), "\(hint)")
                if command.name == "help" { #expect(HelpTopic.named(words[index + 2]) != nil, "\(hint)") }
            }
        }
    }

    @Test(arguments: [
        ("--private", "--visibility private"), ("--public", "--visibility public"), ("-f", "--force"),
        ("--token", "--token-file FILE"), ("--token=abc", "--token-file FILE"),
    ])
    func `a flag of another tool names the right one`(flag: String, expected: String) {
        let flags = PushCommand.command.allFlags
        #expect(hint { _ = try Arguments([flag], flags: flags) }?.contains(expected) == true)
    }

    @Test func `help finds commands, topics and settings, and suggests the nearest`() throws {
        #expect(try HelpSubject(["history"]).text.hasPrefix("Usage: spacesync history"))
        #expect(try HelpSubject(["exit-codes"]).text.hasPrefix("EXIT CODES\n"))
        #expect(try HelpSubject(["branch"]).text.hasPrefix("branch: a setting"))
        #expect(try HelpSubject(["settings.history"]).text.hasPrefix("history: a setting"))
        #expect(try HelpSubject(["settings", "sleep-time"]).text.hasPrefix("sleepTime: a setting"))
        #expect(hint { _ = try HelpSubject(["settigns"]) } == "did you mean settings?")
        #expect(hint { _ = try HelpSubject(["settings.brnch"]) } == "did you mean branch?")
        for topic in HelpTopic.all { #expect(HelpText.overview.contains(topic.name)) }
    }
}
