import Testing

@testable import CLI
@testable import SpacesModel

/// Tests that suggested commands repeat the given flags that they accept.
struct CommandHintsTests {
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
    func `a suggested command has the flags that it accepts, each once`(hint: String, whole: String) throws {
        #expect(try complete(["--branch", "a:b", "-c", "card=title: A B", "-q", "-y"], hint) == whole)
    }

    @Test(arguments: [
        "spacesync push you/other --create", "see all with spacesync check",
        "run spacesync watch to follow it",
        "did you mean --branch?",
    ])
    func `text that is not a command for this Space is not changed`(hint: String) throws {
        #expect(try complete(["--branch", "a"], hint) == hint)
    }

    @Test(arguments: [
        "space.secret=KEY=hush", "space.notify=https://example.com/hush",
        " notify = https://example.com/hush",
        "space.env=KEY=hush", "variable=KEY=hush", "space.probeHeader=X-Key: hush",
    ])
    func `a confidential value is not repeated, however its key is spelled`(_ setting: String) throws {
        let line = try complete(["-c", setting], "spacesync push me/demo")
        #expect(!line.contains("hush"), "\(line)")
        #expect(line.contains("=…"))
    }

    @Test func `a secret is not repeated`() throws {
        let typed = ["--source", "https://u:hush@example.com/x.git", "-c", "secret=KEY=hush"]
        let line = try complete(typed, "spacesync push me/demo")
        #expect(line == "spacesync push me/demo --source https://example.com/x.git -c 'secret=…'")
    }

    @Test func `a suggested plan command uses the file of the saved plan`() throws {
        let line = try complete(["--plan", "a plan", "--create"], "spacesync plan me/demo --out FILE")
        #expect(line == "spacesync plan me/demo --create --out 'a plan'")
    }

    @Test(arguments: [("", "''"), ("a/b:c=d.e-f", "a/b:c=d.e-f"), ("it's", #"'it'\''s'"#), ("$x", "'$x'")])
    func `arguments are quoted for a shell`(word: String, quoted: String) {
        #expect(CommandHints.quoted(word) == quoted)
    }

    @Test func `help lists effective flags, and names flags that are accepted without effect`() {
        let plan = HelpText.of(PlanCommand.command)
        #expect(plan.contains("\n  --create ") && !plan.contains("\n  --no-wait"), "\(plan)")
        let last = plan.split(separator: "\n\n").last ?? ""
        #expect(last.hasPrefix("Accepted and ignored: ") && last.contains("--wake"), "\(plan)")
        #expect(!HelpText.of(DemoCommand.command).contains("--json"))
        #expect(!HelpText.of(PushCommand.command).contains("Accepted and ignored"))
    }
}
