import Testing

@testable import Deploy
@testable import DockerSyntax
@testable import SpacesModel

struct DockerfileLimitTests {
    private static func read(_ text: String) -> Dockerfile { Dockerfile.read(Array(text.utf8)) }

    @Test func `variables nested without end are reported, not followed`() {
        let nested = String(repeating: "${A:-", count: 20_000) + "x" + String(repeating: "}", count: 20_000)
        for text in ["FROM a\nENV X=\(nested)\n", "FROM \(nested)\n", "FROM a\nCOPY \(nested) /x\n"] {
            let problem = Self.read(text).exceededLimit
            #expect(problem?.reason.contains("more than 100 deep") == true)
            #expect(problem?.line != nil)
        }
        // In a shell command nobody expands them.
        let short = String(repeating: "${A:-", count: 8_000) + "x" + String(repeating: "}", count: 8_000)
        #expect(Self.read("FROM a\nRUN echo \(short)\n").problems == [])
        let deep = String(repeating: "${A:-", count: 90) + "x" + String(repeating: "}", count: 90)
        #expect(Self.read("ARG A\nFROM \(deep)\n").stages.first?.base.text == "x")
    }

    @Test func `a chain of ONBUILD is refused as BuildKit refuses it`() {
        let read = Self.read("FROM a\n" + String(repeating: "ONBUILD ", count: 20_000) + "RUN x\n")
        #expect(read.problems.first?.reason == "ONBUILD isn't allowed as an ONBUILD trigger")
        #expect(Self.read("FROM a\nONBUILD COPY . .\n").instructions[1].triggers.first?.keyword == "COPY")
    }

    @Test func `ranges of ports stay ranges`() throws {
        let read = Self.read("FROM a\n" + String(repeating: "EXPOSE 1-65535\n", count: 5_000))
        let ports = try #require(read.exposedPorts)
        #expect(ports.count == 5_000)
        #expect(ports[0].range == 1...65_535)
        #expect(read.exposedPort == nil)
        #expect(Self.read("FROM a\nEXPOSE 80-80/tcp 80\n").exposedPort == 80)
        let findings = ListenAddressRules(
            Self.read("FROM a\nEXPOSE 9000-9002\nCMD x\n"), appPort: 7860, FileListing()
        )
        .findings
        #expect(
            findings.map(\.reason) == ["EXPOSE 9000, 9001, 9002, but the Hub looks for the app at port 7860"])
    }

    @Test func `arguments that double each other are counted before they are kept`() {
        let doubling = (1...60).map { "ARG A\($0)=$A\($0 - 1)$A\($0 - 1)\n" }.joined()
        let read = Self.read("ARG A0=xxxxxxxxxx\n\(doubling)FROM $A60\n")
        #expect(read.exceededLimit?.reason.contains("64 KiB in a word, or 4 MiB in all") == true)
        let inStage = Self.read("FROM a\nARG A0=xxxxxxxxxx\n\(doubling)")
        #expect(inStage.exceededLimit != nil)
        // Many words, none of which is too long by itself.
        let big = "ARG B=\(String(repeating: "x", count: 60_000))\n"
        #expect(
            Self.read(big + "FROM a\nARG B\n" + String(repeating: "COPY $B /\n", count: 200)).exceededLimit
                != nil)
        // What was not chosen costs as much.
        let unchosen = "FROM a\nENV B=\(String(repeating: "x", count: 60_000))\n"
        #expect(
            Self.read(unchosen + String(repeating: "ENV C=${B:+${B}}${B:-${B}}\n", count: 200)).exceededLimit
                != nil)
    }

    @Test func `stages instructions and variables have a limit each`() {
        let stages = Self.read((0..<1_001).map { "FROM a AS s\($0)\n" }.joined())
        #expect(stages.exceededLimit?.reason == "more than 1000 stages")
        #expect(stages.exceededLimit?.line == 1_001)
        let most = Self.read((0..<1_000).map { "FROM \($0 == 0 ? "a" : "s\($0 - 1)") AS s\($0)\n" }.joined())
        #expect(most.exceededLimit == nil)
        #expect(most.finalStages.count == 1_000)
        #expect(Self.read("FROM a\n" + String(repeating: "RUN x\n", count: 10_000)).exceededLimit != nil)
        let assigned = "FROM a\n" + String(repeating: "ENV A=1 B=2 C=3 D=4 E=5\n", count: 2_001)
        #expect(Self.read(assigned).exceededLimit?.reason == "ENV and ARG set more than 10000 values")
    }

    @Test func `the file and its lines have a limit`() {
        let long = Self.read("FROM a\n# " + String(repeating: "x", count: 1 << 20))
        #expect(long.exceededLimit?.reason == "the Dockerfile has 1.0 MiB; at most 1 MiB is read")
        let line = String(repeating: "x", count: 65_536)
        #expect(
            Self.read("FROM a\nRUN \(line)\n").problems.map(\.reason) == [
                "dockerfile line greater than maximum allowed size of 65535"
            ])
        #expect(Self.read("FROM a\nRUN \(line.dropLast(40)) \\\n \(line.dropLast(40))\n").problems == [])
    }

    @Test func `what exceeds a limit is an error of the preflight with its line`() {
        let nested = String(repeating: "${A:-", count: 101) + String(repeating: "}", count: 101)
        let listing = FileListing([("Dockerfile", .init(.file)), ("README.md", .init(.file))])
        let card = Array("---\nsdk: docker\n---\n".utf8)
        let check = TreeCheck(
            listing, contents: ["README.md": card, "Dockerfile": Array("FROM a\nENV A=\(nested)\n".utf8)])
        let found = check.findings().filter { $0.rule == .dockerfileSyntax }
        #expect(found.map(\.location) == ["Dockerfile:2"])
        #expect(found.map(\.severity) == [.error])
    }

    @Test func `variables at each step are those that hold there`() {
        let read = Self.read(
            "FROM a\nENV A=1\nCOPY $A /\nENV A=2 B=$A\nCOPY $A$B /\nFROM a AS b\nCOPY $A /\n")
        let copies = read.stages.flatMap(\.steps).filter { $0.instruction.keyword == "COPY" }
        #expect(copies.map { $0.expanded($0.instruction.arguments[0])?.text } == ["1", "21", "$A"])
    }
}
