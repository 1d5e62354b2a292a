import Testing

@testable import Deploy
@testable import DockerSyntax
@testable import SpacesModel

struct DockerfileLimitTests {
    private static func read(_ text: String) -> Dockerfile { Dockerfile.read(Array(text.utf8)) }

    @Test func `deeply nested variables are reported and not expanded`() {
        let nested = String(repeating: "${A:-", count: 20_000) + "x" + String(repeating: "}", count: 20_000)
        for text in ["FROM a\nENV X=\(nested)\n", "FROM \(nested)\n", "FROM a\nCOPY \(nested) /x\n"] {
            let problem = Self.read(text).exceededLimit
            #expect(problem?.reason.contains("more than 100 levels deep") == true)
            #expect(problem?.line != nil)
        }
        // Variables in a shell command are not expanded.
        let short = String(repeating: "${A:-", count: 8_000) + "x" + String(repeating: "}", count: 8_000)
        #expect(Self.read("FROM a\nRUN echo \(short)\n").problems == [])
        let deep = String(repeating: "${A:-", count: 90) + "x" + String(repeating: "}", count: 90)
        #expect(Self.read("ARG A\nFROM \(deep)\n").stages.first?.base.text == "x")
    }

    @Test func `a chain of ONBUILD is an error, as in BuildKit`() {
        let read = Self.read("FROM a\n" + String(repeating: "ONBUILD ", count: 20_000) + "RUN x\n")
        #expect(read.problems.first?.reason == "ONBUILD isn't allowed as an ONBUILD trigger")
        #expect(Self.read("FROM a\nONBUILD COPY . .\n").instructions[1].triggers.first?.keyword == "COPY")
    }

    @Test func `port ranges are not expanded`() throws {
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
            findings.map(\.reason) == ["EXPOSE 9000, 9001, 9002, but the Hub connects to port 7860"])
    }

    @Test func `exponentially growing arguments are counted before they are stored`() {
        let doubling = (1...60).map { "ARG A\($0)=$A\($0 - 1)$A\($0 - 1)\n" }.joined()
        let read = Self.read("ARG A0=xxxxxxxxxx\n\(doubling)FROM $A60\n")
        #expect(read.exceededLimit?.reason.contains("64 KiB in one word, or 4 MiB in total") == true)
        let inStage = Self.read("FROM a\nARG A0=xxxxxxxxxx\n\(doubling)")
        #expect(inStage.exceededLimit != nil)
        // Many words, each of which is below the limit.
        let big = "ARG B=\(String(repeating: "x", count: 60_000))\n"
        #expect(
            Self.read(big + "FROM a\nARG B\n" + String(repeating: "COPY $B /\n", count: 200)).exceededLimit
                != nil)
        // Alternatives that are not used count too.
        let unchosen = "FROM a\nENV B=\(String(repeating: "x", count: 60_000))\n"
        #expect(
            Self.read(unchosen + String(repeating: "ENV C=${B:+${B}}${B:-${B}}\n", count: 200)).exceededLimit
                != nil)
    }

    @Test func `the numbers of stages, instructions and variables are limited`() {
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

    @Test func `the sizes of the file and its lines are limited`() {
        let long = Self.read("FROM a\n# " + String(repeating: "x", count: 1 << 20))
        #expect(long.exceededLimit?.reason == "the Dockerfile is 1.0 MiB; the limit is 1 MiB")
        let line = String(repeating: "x", count: 65_536)
        #expect(
            Self.read("FROM a\nRUN \(line)\n").problems.map(\.reason) == [
                "dockerfile line greater than maximum allowed size of 65535"
            ])
        #expect(Self.read("FROM a\nRUN \(line.dropLast(40)) \\\n \(line.dropLast(40))\n").problems == [])
    }

    @Test func `an exceeded limit is a preflight error with its line`() {
        let nested = String(repeating: "${A:-", count: 101) + String(repeating: "}", count: 101)
        let listing = FileListing([("Dockerfile", .init(.file)), ("README.md", .init(.file))])
        let card = Array("---\nsdk: docker\n---\n".utf8)
        let check = TreeCheck(
            listing, contents: ["README.md": card, "Dockerfile": Array("FROM a\nENV A=\(nested)\n".utf8)])
        let found = check.findings().filter { $0.rule == .dockerfileSyntax }
        #expect(found.map(\.location) == ["Dockerfile:2"])
        #expect(found.map(\.severity) == [.error])
    }

    @Test func `each step has the variables that are set before it`() {
        let read = Self.read(
            "FROM a\nENV A=1\nCOPY $A /\nENV A=2 B=$A\nCOPY $A$B /\nFROM a AS b\nCOPY $A /\n")
        let copies = read.stages.flatMap(\.steps).filter { $0.instruction.keyword == "COPY" }
        #expect(copies.map { $0.expanded($0.instruction.arguments[0])?.text } == ["1", "21", "$A"])
    }
}
