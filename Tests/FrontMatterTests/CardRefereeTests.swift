import Foundation
import TestSupport
import Testing

@testable import FrontMatter
@testable import TextTools

/// The result of PyYAML for a card.
private struct Opinion: Decodable {
    var accepted: Bool
    /// The top-level scalars as text, by key.
    var texts: [String: String]
    /// All top-level values as Python prints them, by key.
    var meanings: [String: String]
}

/// Returns whether PyYAML is installed, or required (`SPACESYNC_REQUIRE` contains `pyyaml`).
private func hasPyYAML() async throws -> Bool {
    let required = ProcessInfo.processInfo.environment["SPACESYNC_REQUIRE"] ?? ""
    if required.split(separator: ",").contains("pyyaml") { return true }
    let python = try Referee()
    defer { python.discard() }
    return try await python.ask(["python3", "-c", "import yaml"]).status == 0
}

/// Compares the card parser with PyYAML.
@Suite(.enabled("python3 with PyYAML is not there, so it is not asked", hasPyYAML))
struct CardRefereeTests {
    private static let script = """
        import json, re, sys, yaml
        block = re.compile(r"^\\s*---[ \\t]*(?:\\r\\n|\\n|\\r)([\\S\\s]*?)(?<=[\\r\\n])---[ \\t]*(\\r\\n|\\n|\\r|$)")
        def opinion(readme):
            found = block.match(readme.lstrip("\\ufeff"))
            refused = {"accepted": False, "texts": {}, "meanings": {}}
            if not found: return refused
            text = found.group(1)
            try:
                base, safe = yaml.load(text, Loader=yaml.BaseLoader), yaml.load(text, Loader=yaml.SafeLoader)
                node = yaml.compose(text, Loader=yaml.BaseLoader)
            except Exception:
                return refused
            if safe is None: base, safe = {}, {}
            if not isinstance(safe, dict) or not isinstance(base, dict): return refused
            if node is not None:
                keys = [str(getattr(key, "value", key)) for key, _ in node.value]
                if len(set(keys)) != len(keys): return refused
            texts = {k: v for k, v in base.items() if isinstance(k, str) and isinstance(v, str) and safe.get(k) is not None}
            return {"accepted": True, "texts": texts, "meanings": {str(k): repr(v) for k, v in safe.items()}}
        print(json.dumps([opinion(readme) for readme in json.load(sys.stdin)]))
        """

    private func opinions(on readmes: [[UInt8]]) async throws -> [Opinion] {
        let python = try Referee()
        defer { python.discard() }
        let input = try JSONEncoder().encode(readmes.map(\.text))
        let result = try await python.ask(["python3", "-c", Self.script], input: Array(input))
        try #require(result.status == 0, "\(result.errors)")
        return try JSONDecoder().decode([Opinion].self, from: Data(result.output))
    }

    @Test func `cards that PyYAML accepts are read with the same values`() async throws {
        var random = FixedSeed(11)
        let cards = CardGenerator.readmes + (0..<3_000).map { _ in CardGenerator.card(&random) }
        let opinions = try await opinions(on: cards)
        var (accepted, values, bothRejected, rejected) = (0, 0, 0, 0)
        for (readme, opinion) in zip(cards, opinions) {
            let card = Card.read(readme)
            guard opinion.accepted else {
                rejected += 1
                if !card.syntaxErrors.isEmpty { bothRejected += 1 }
                continue
            }
            accepted += 1
            #expect(card.syntaxErrors == [], "\(readme.text)")
            for (key, text) in opinion.texts where card.keys.contains(key) {
                values += 1
                #expect(card.value(of: key) == text, "\(key) of \(readme.text)")
            }
            #expect(
                Set(opinion.texts.keys).isSubset(of: card.keys) || card.keys.contains("<<"), "\(readme.text)")
        }
        #expect(accepted > 1_000 && values > 3_000)
        // Most cards that PyYAML rejects should be detected before a push; 80 % are enough.
        #expect(
            bothRejected * 10 > rejected * 8, "\(bothRejected) of \(rejected) noticed, \(accepted) accepted")
    }

    @Test func `setting a key keeps the values of all other keys in PyYAML`() async throws {
        var random = FixedSeed(12)
        let cards = CardGenerator.readmes + (0..<1_500).map { _ in CardGenerator.card(&random) }
        let raws = ["v", "7860", "\"a: b\"", "[a, b]", "{a: 1}", "'x'"]
        var edits: [(before: [UInt8], after: [UInt8], key: String, raw: String)] = []
        for readme in cards {
            var card = Card.read(readme)
            guard card.syntaxErrors.isEmpty, let raw = raws.randomElement(using: &random) else { continue }
            let key =
                (card.keys.filter { $0 != "<<" } + ["new_key"]).randomElement(using: &random) ?? "new_key"
            guard (try? card.set(key, to: raw)) != nil else { continue }
            edits.append((readme, card.bytes, key, raw))
        }
        let before = try await opinions(on: edits.map(\.before))
        let after = try await opinions(on: edits.map(\.after))
        let expected = try await opinions(
            on: edits.map { Array("---\n\(YAMLText.key($0.key)): \($0.raw)\n---\n".utf8) })
        var compared = 0
        for (index, edit) in edits.enumerated() where before[index].accepted {
            let comment: Comment = "\(edit.key) in \(edit.before.text) became \(edit.after.text)"
            #expect(after[index].accepted, comment)
            var (old, new) = (before[index].meanings, after[index].meanings)
            #expect(new[edit.key] == expected[index].meanings[edit.key], comment)
            (old[edit.key], new[edit.key]) = (nil, nil)
            #expect(old == new, comment)
            compared += 1
        }
        #expect(compared > 500)
    }
}
