import Testing

@testable import LocalHub

struct CardTests {
    @Test(arguments: [
        ("a: b", #"{"a":"b"}"#), ("a: 'it''s'", #"{"a":"it's"}"#), ("a: \"x\\ty\" # c", #"{"a":"x\ty"}"#),
        ("n: 7860\nf: true\nz: ~", #"{"n":7860,"f":true,"z":null}"#),
        ("tags:\n- a\n- b", #"{"tags":["a","b"]}"#),
        ("tags:\n  - a: 1\n    b: 2\n  - c", #"{"tags":[{"a":1,"b":2},"c"]}"#),
        ("t: [a, 'b c', 3]", #"{"t":["a","b c",3]}"#), ("m: {a: 1, b: [x]}", #"{"m":{"a":1,"b":["x"]}}"#),
        ("h:\n  x-y: z\nk: v", #"{"h":{"x-y":"z"},"k":"v"}"#),
        ("d: |\n  one\n  two\nk: v", #"{"d":"one\ntwo\n","k":"v"}"#),
        ("t: some\n  long text", #"{"t":"some long text"}"#), ("u: http://x.y/z", #"{"u":"http://x.y/z"}"#),
        ("v: \"3.10\"", #"{"v":"3.10"}"#), ("e: 🚀", #"{"e":"🚀"}"#), ("# only\n\na: b # c", #"{"a":"b"}"#),
    ])
    func `the YAML of cards is parsed`(_ yaml: String, _ json: String) throws {
        #expect(try YAML.parse(yaml).text == json)
    }

    @Test(arguments: ["a: [b", "a: \"b", "a: b\na: c", "a: b\n  c: d\n e", "a: {b c}"])
    func `malformed YAML is an error`(_ yaml: String) {
        #expect(throws: YAML.ParseError.self) { try YAML.parse(yaml) }
    }

    @Test func `deep nesting is an error and does not crash`() {
        for start in ["[", "{a: ", "- "] {
            #expect(throws: YAML.ParseError.self) { try YAML.parse(String(repeating: start, count: 100_000)) }
        }
    }

    @Test func `front matter starts at the beginning of the file and ends with its closing line`() {
        #expect(CardRules.frontMatter(of: "---\na: b\n---\n# T") == "a: b")
        #expect(CardRules.frontMatter(of: "\n---\r\na: b\r\n---\r\nx")?.hasPrefix("a: b") == true)
        #expect(CardRules.frontMatter(of: "---\n---\n") == "")
        #expect(CardRules.frontMatter(of: "# T\n---\na: b\n---\n") == nil)
        #expect(CardRules.frontMatter(of: "---\na: b\n") == nil)
    }

    @Test func `a valid card has no errors, and all errors of an invalid card are found`() {
        let good =
            "---\ntitle: A\nemoji: 🚀\ncolorFrom: red\ncolorTo: blue\nsdk: docker\napp_port: 8080\nlicense: mit\n---\n"
        #expect(CardRules.errors(in: good) == [])
        let bad = "---\nsdk: streamlit\nlicense: none\npinned: maybe\ntags: a\napp_port: 99999\n---\n"
        #expect(CardRules.errors(in: bad).count == 5)
        #expect(CardRules.errors(in: "# no card") == [])
    }
}

struct BuildScriptTests {
    private func failures(_ dockerfile: String, _ paths: Set<String> = ["app", "app/main.py", "a b.txt"])
        -> [SimulatedBuild.Failure]
    {
        SimulatedBuild(dockerfile: dockerfile, paths: paths).steps.compactMap(\.failure)
    }

    @Test(arguments: [
        "FROM a AS b\nCOPY --from=b /x /y", "from a\ncopy --chown=1:1 ./app /y", "FROM a\nCOPY app/*.py .",
        "FROM a\nCOPY [\"a b.txt\", \"/y\"]", "FROM a\nADD https://x/y z", "FROM a\nCOPY $X /y",
        "FROM a\nRUN <<EOF\nfalse\nEOF\nUSER x", "FROM a\n# COPY nothing /\nRUN echo \\\n  # inside\n  two",
        "# syntax=docker/dockerfile:1\nARG A=1\nFROM a\nEXPOSE 7860\nCMD [\"x\"]",
    ])
    func `valid Dockerfiles do not fail`(_ dockerfile: String) {
        #expect(failures(dockerfile) == [])
    }

    @Test func `failing Dockerfile steps are found`() {
        #expect(failures("FROM a\nRUN false") == [.exit(1)])
        #expect(failures("FROM a\nRUN a && exit 7") == [.exit(7)])
        #expect(failures("FROM a\nCOPY app other /y") == [.missing("other")])
        #expect(failures("FROM a\nCOPY *.toml /y") == [.missing("*.toml")])
        #expect(failures("FROM a\nINSTALL x") == [.unknown])
    }
}
