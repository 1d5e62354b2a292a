import TestSupport
import Testing

@testable import GitPatterns
@testable import SpacesModel
@testable import TextTools

@Suite struct SelectionTests {
    private static let tree = [
        "app.py", "README.md", "src/main.py", "src/secret/key.py", "src/secret/open.py", "docs/a.md",
        "docs/b/c.md",
        "web/src/index.ts", "web/dist/x.js",
    ]

    /// Returns the list of the setting `include`: everything if it is empty.
    private static func including(_ patterns: [String]) -> PatternList {
        patterns.isEmpty ? .everything : PatternList(patterns)
    }

    private static func selected(include: [String] = [], exclude: [String] = []) -> [String] {
        let selection = Selection(include: Self.including(include), exclude: PatternList(exclude))
        return tree.filter { selection.selects(Path($0), isDirectory: false) }
    }

    @Test func `an empty list includes nothing, the list of everything every path`() {
        #expect(!PatternList([]).includes("a/b", isDirectory: false))
        #expect(!PatternList(["# a comment", ""]).includes("a/b", isDirectory: false))
        #expect(PatternList.everything.includes("a/b", isDirectory: false))
        #expect(PatternList(["!a"]).includes("b", isDirectory: false))
    }

    @Test func `an empty include selects everything`() {
        #expect(Self.selected() == Self.tree)
    }

    @Test func `including a directory includes its contents`() {
        #expect(Self.selected(include: ["/src", "docs/"]) == Array(Self.tree[2...6]))
    }

    @Test func `a negated include excludes deeper paths`() {
        #expect(Self.selected(include: ["/src", "!secret/"]) == ["src/main.py"])
        #expect(
            Self.selected(include: ["/src", "!secret", "open.py"]) == ["src/main.py", "src/secret/open.py"])
    }

    @Test func `an include with only negated patterns selects everything else`() {
        #expect(Self.selected(include: ["!docs", "!web"]) == Array(Self.tree[..<5]))
    }

    @Test func `exclude is applied after include, and its last match applies`() {
        #expect(
            Self.selected(include: ["*.md"], exclude: ["docs/*", "!docs/b"]) == ["README.md", "docs/b/c.md"])
    }

    @Test func `a file in an excluded directory cannot be re-included, as in Git`() {
        #expect(Self.selected(include: ["/src"], exclude: ["secret/", "!open.py"]) == ["src/main.py"])
        let selected = Self.selected(include: ["/src"], exclude: ["/src/secret/*", "!open.py"])
        #expect(selected == ["src/main.py", "src/secret/open.py"])
    }

    @Test func `an excluded default directory can be re-included by its name`() {
        let list = PatternList([".github/", "!.github/"])
        #expect(list.excludingPattern(".github/workflows/ci.yml", isDirectory: false) == nil)
    }

    @Test(arguments: [
        ([], [], Selection.Coverage.all), ([], ["/docs"], .all), ([], ["*.md"], .some), ([], ["src/"], .none),
        (["/src"], [], .all), (["/docs"], [], .none), (["src/*.py"], [], .some),
        (["/src"], ["/src/secret"], .some),
        (["/src"], ["/web/**"], .all), (["/s*/x/y"], [], .some), (["/src/"], ["!/src/a"], .all),
        (["**/a"], [], .some),
    ])
    func `a directory is selected completely, partly or not at all`(
        include: [String], exclude: [String], coverage: Selection.Coverage
    ) {
        let selection = Selection(include: Self.including(include), exclude: PatternList(exclude))
        #expect(selection.coverage(forDirectory: "src") == coverage)
    }

    @Test func `the coverage of a directory is consistent with its files`() {
        var random = FixedSeed(7)
        let pieces = ["a", "b", "/", "/", "*", "**/", "/**", "?", "[ab]", "!", "ab", "*.c", "\\b"]
        let names = ["a", "b", "ab", "x.c"]
        for _ in 0..<3_000 {
            let lists = (0..<2).map { _ in
                (0..<Int.random(in: 0...3, using: &random)).map { _ in
                    (0..<Int.random(in: 1...5, using: &random))
                        .compactMap { _ in pieces.randomElement(using: &random) }.joined()
                }
            }
            let selection = Selection(include: Self.including(lists[0]), exclude: PatternList(lists[1]))
            let path = (0..<Int.random(in: 2...4, using: &random))
                .compactMap { _ in names.randomElement(using: &random) }.joined(separator: "/")
            let selected = selection.selects(Path(path), isDirectory: false)
            for parent in Path(path).levels.dropLast() + [.root] {
                let coverage = selection.coverage(forDirectory: parent)
                #expect(
                    coverage != (selected ? .none : .all),
                    "\(lists) says \(coverage) of \(parent), not \(path)"
                )
            }
        }
    }

    @Test func `pathological patterns are matched in bounded time`() {
        let stars = String(repeating: "a*", count: 200) + "b"
        let slashes = String(repeating: "**/", count: 300) + "x"
        let deep = String(repeating: "a/", count: 1_000) + "y"
        let clock = ContinuousClock()
        let time = clock.measure {
            #expect(
                !PatternList([stars]).includes(Path(String(repeating: "a", count: 4_000)), isDirectory: false)
            )
            #expect(PatternList(["/" + slashes]).decision(for: Path(deep), isDirectory: false) == nil)
            #expect(PatternList(["/" + stars]).decision(for: Path(deep), isDirectory: false) == nil)
        }
        #expect(time < .seconds(60))
    }

    @Test func `the tracker lists the patterns that matched nothing`() {
        var tracker = UnmatchedPatternTracker(PatternList(["*.py", "/docs/", "Dockerfle", "!x"]))
        #expect(tracker.mayMatch(inside: "src"))
        for path in Self.tree { tracker.record(Path(path), isDirectory: false) }
        tracker.record("docs", isDirectory: true)
        #expect(tracker.unmatched.map(\.text) == ["Dockerfle"])
        var anchored = UnmatchedPatternTracker(PatternList(["/docs/b/*.md"]))
        #expect(anchored.mayMatch(inside: "docs") && anchored.mayMatch(inside: "docs/b"))
        #expect(!anchored.mayMatch(inside: "src") && !anchored.mayMatch(inside: "docs/a"))
        anchored.record("docs/b/c.md", isDirectory: false)
        #expect(!anchored.mayMatch(inside: "docs"))
    }
}

@Suite struct NearestTests {
    @Test(arguments: [
        ("exlude", "exclude"), ("sleep-time", "sleepTime"), ("BRANCH", "branch"), ("brnach", "branch"),
        ("inclde", "include"), ("colorfrom", nil), ("xyz", nil), ("", nil), ("ro", nil), ("rot", "root"),
    ])
    func `a mistyped name gets the nearest known name`(name: String, expected: String?) {
        let known = ["branch", "include", "exclude", "sleepTime", "root"]
        #expect(nearest(name, among: known) == expected)
    }

    @Test func `the nearest of several names is chosen, or the first of equally near ones`() {
        #expect(nearest("tags", among: ["tag", "bags", "tagsy"]) == "tag")
        #expect(nearest("port", among: ["Port", "port"]) == "port")
        #expect(nearest("PORT", among: ["post", "port"]) == "port")
    }

    @Test func `swapping adjacent characters is one edit`() {
        #expect(editDistance(Array("ab"), Array("ba"), limit: 3) == 1)
        #expect(editDistance(Array("kitten"), Array("sitting"), limit: 3) == 3)
        #expect(editDistance(Array("kitten"), Array("sitting"), limit: 2) == nil)
        #expect(editDistance([], Array("abc"), limit: 3) == 3)
    }

    @Test func `a missing path gets a similar path, or its name in another directory`() {
        let paths: [Path] = ["src/app.py", "deploy/hf/Dockerfile", "README.md"]
        #expect(nearest("src/ap.py", among: paths) == "src/app.py")
        #expect(nearest("dockerfile", among: paths) == "deploy/hf/Dockerfile")
        #expect(nearest("nothing/like/this", among: paths) == nil)
    }
}
