import Testing

@testable import Deploy
@testable import FrontMatter
@testable import TextTools

@Suite struct ReadmeComposerTests {
    private static func composed(
        source: String?, space: String? = nil, cardFile: String? = nil, card: [String] = [],
        sdk: String? = nil,
        port: Int? = nil
    ) throws -> (readme: String, notes: [String]) {
        let composition = ReadmeComposer(
            source: source.map { Array($0.utf8) }, cardFile: cardFile.map { Array($0.utf8) },
            space: space.map { Array($0.utf8) }, settings: try card.map { try CardSetting($0) }, sdk: sdk,
            appPort: port,
            title: "demo: one")
        let (readme, notes) = try composition.compose()
        return (readme.text, notes.map { "\($0.key) \($0.why)" })
    }

    private static let space =
        "---\ntitle: Hub\nemoji: 🚀 # ours\ncolorFrom: red\nsdk: docker\nmodels:\n- a/b\n---\nHub body\n"

    @Test func `a complete README is returned byte for byte`() throws {
        let readme = "\u{FEFF}---\r\ntitle:   'X'\nsdk: docker # yes\r\napp_port: 80\n---\r\n\r\nBody"
        let (after, notes) = try Self.composed(
            source: readme, card: ["sdk: docker"], sdk: "gradio", port: 7860)
        #expect(Array(after.utf8) == Array(readme.utf8) && notes.isEmpty)
    }

    @Test func `missing keys of a card are taken from the Space, each with a note`() throws {
        let (after, notes) = try Self.composed(
            source: "---\ntitle: Mine\nemoji:\n---\n# Mine\n", space: Self.space)
        #expect(after == "---\ntitle: Mine\nemoji: 🚀\ncolorFrom: red\nsdk: docker\n---\n# Mine\n")
        #expect(notes == ["emoji", "colorFrom", "sdk"].map { "\($0) kept from the Space" })
    }

    @Test func `a source without a card gets the Space's card above its own body`() throws {
        let (after, notes) = try Self.composed(source: "# Mine\r\n", space: Self.space)
        let front = Self.space.replacing("Hub body\n", with: "").replacing("\n", with: "\r\n")
        #expect(after == front + "# Mine\r\n")
        #expect(notes.count == 5)
        let again = try Self.composed(source: "# Mine\r\n", space: after)
        #expect(again.readme == after)
    }

    @Test func `settings override every card and the Dockerfile provides a missing port`() throws {
        let (after, notes) = try Self.composed(
            source: "---\ntitle: A # t\n---\n", space: Self.space, card: ["title: B: c", "sdk: static"],
            sdk: "docker",
            port: 8080)
        let expected =
            "---\ntitle: \"B: c\" # t\nemoji: 🚀\ncolorFrom: red\nsdk: static\napp_port: 8080\n---\n"
        #expect(after == expected)
        #expect(notes.contains("title set by card") && notes.contains("sdk set by card"))
        #expect(notes.last == "app_port from the Dockerfile" && notes.count == 5)
    }

    @Test func `the card file provides keys missing in the README, including nested values`() throws {
        let file =
            "title: F\n# note\ncustom_headers:\n  a: b # c\n  d:\n  - e\ntext: |\n  one\n  two\ntags: [x,\n  y]"
        let (after, notes) = try Self.composed(source: "---\r\ntitle: R\r\n---\r\n", cardFile: file)
        let nested = "custom_headers:\n  a: b # c\n  d:\n  - e\ntext: |\n  one\n  two\ntags: [x,\n  y]\n"
        #expect(after == "---\ntitle: R\n\(nested)---\n".replacing("\n", with: "\r\n"))
        #expect(notes.map { $0.split(separator: " ")[0] } == ["custom_headers", "text", "tags"])
        for form in ["---\n\(file)\n", "---\n\(file)\n---\n", "\u{FEFF}\(file)\n"] {
            #expect(try Self.composed(source: "---\r\ntitle: R\r\n---\r\n", cardFile: form).readme == after)
        }
    }

    @Test func `without a source README the Space's is kept with the settings applied`() throws {
        let (after, _) = try Self.composed(source: nil, space: Self.space, card: ["emoji: 🐳"], port: 7860)
        #expect(
            after
                == Self.space.replacing("🚀", with: "🐳").replacing("- a/b\n", with: "- a/b\napp_port: 7860\n"))
    }

    @Test func `without any README a minimal one is generated`() throws {
        let (after, notes) = try Self.composed(source: nil, sdk: "docker", port: 7860)
        #expect(after == "---\ntitle: \"demo: one\"\nsdk: docker\napp_port: 7860\n---\n")
        #expect(notes.count == 3)
    }

    @Test func `an invalid card is an error with its line, an invalid card on the Space is ignored`() throws {
        let problem = #expect(throws: CardError.self) {
            try Self.composed(source: "---\nsdk: docker\ntitle: a: b\n---\n")
        }
        #expect(problem?.line == 3)
        #expect(
            try Self.composed(source: "# x", space: "---\na: b: c\n---\n", sdk: "docker").readme
                == "---\nsdk: docker\n---\n# x")
        let inFile = #expect(throws: CardError.self) {
            try Self.composed(source: "# x", cardFile: "a: b\nc: d: e\n")
        }
        #expect(inFile?.reason.contains("cardFile, line 2") == true)
    }

    @Test func `composing a composed README again changes nothing`() throws {
        for source in ["# x\n", "---\ntitle: t\n---\n# x\n", "---\n---\n"] {
            let once = try Self.composed(
                source: source, space: Self.space, card: ["tags: [a]"], sdk: "docker", port: 1)
            let twice = try Self.composed(
                source: source, space: once.readme, card: ["tags: [a]"], sdk: "docker", port: 1)
            #expect(once.readme == twice.readme)
        }
    }
}
