import Testing

@testable import CLI
@testable import SpacesModel

/// Hints repeat what was typed, as far as the command they name takes it.
struct ReadyLinesTests {
    private func complete(_ typed: [String], _ hint: String) throws -> String {
        let known = Flag.target + Flag.push + [.plan, .out, .exitCode] + Flag.output
        return CommandHints(try Arguments(typed, flags: known)).complete(hint, of: SpaceID("me/demo"))
    }

    @Test(arguments: [
        (
            "spacesync push me/demo --create",
            "spacesync push me/demo --branch a:b -c 'card=title: A B' --create"
        ),
        ("to watch: spacesync watch me/demo", "to watch: spacesync watch me/demo"),
        (
            "one: spacesync push me/demo --branch x\ntwo: spacesync push me/demo",
            "one: spacesync push me/demo -c 'card=title: A B' --branch x\n"
                + "two: spacesync push me/demo --branch a:b -c 'card=title: A B'"
        ),
    ])
    func `a ready line has the flags that its command takes, once`(hint: String, whole: String) throws {
        #expect(try complete(["--branch", "a:b", "-c", "card=title: A B", "-q", "-y"], hint) == whole)
    }

    @Test(arguments: [
        "spacesync push you/other --create", "see all with spacesync check",
        "spacesync watch takes it up again",
        "did you mean --branch?",
    ])
    func `what is no line about this Space stays as it is`(hint: String) throws {
        #expect(try complete(["--branch", "a"], hint) == hint)
    }

    @Test func `a secret is not repeated`() throws {
        let typed = ["--source", "https://u:hush@example.com/x.git", "-c", "secret=KEY=hush"]
        let line = try complete(typed, "spacesync push me/demo")
        #expect(line == "spacesync push me/demo --source https://example.com/x.git -c 'secret=…'")
    }

    @Test func `a plan is made again in its file`() throws {
        let line = try complete(["--plan", "a plan", "--create"], "spacesync plan me/demo --out FILE")
        #expect(line == "spacesync plan me/demo --create --out 'a plan'")
    }

    @Test(arguments: [("", "''"), ("a/b:c=d.e-f", "a/b:c=d.e-f"), ("it's", #"'it'\''s'"#), ("$x", "'$x'")])
    func `words are quoted for a shell`(word: String, quoted: String) {
        #expect(CommandHints.quoted(word) == quoted)
    }

    @Test func `help lists what is of use, and names what is taken besides`() {
        let plan = HelpText.of(.plan)
        #expect(plan.contains("\n  --create ") && !plan.contains("\n  --no-wait"), "\(plan)")
        let last = plan.split(separator: "\n").last ?? ""
        #expect(last.hasPrefix("taken too, without effect here: ") && last.contains("--wake"), "\(plan)")
        #expect(!HelpText.of(.demo).contains("--json"))
        #expect(!HelpText.of(.push).contains("taken too"))
    }
}
