import Foundation
import TestSupport
import Testing

@testable import FrontMatter
@testable import TextTools

/// What PyYAML makes of a card: `values` by key, texts as they are written for scalars.
private struct Opinion: Decodable {
    var accepted: Bool
    /// The scalars of the top level, as text.
    var texts: [String: String]
    /// Every key, with what its value means.
    var meanings: [String: String]
}

/// Whether PyYAML is there, or must be (`SPACESYNC_REQUIRE` names `pyyaml`).
private func hasPyYAML() async throws -> Bool {
    let required = ProcessInfo.processInfo.environment["SPACESYNC_REQUIRE"] ?? ""
    if required.split(separator: ",").contains("pyyaml") { return true }
    let python = try Referee()
    defer { python.discard() }
    return try await python.ask(["python3", "-c", "import yaml"]).status == 0
}

/// PyYAML as the referee of what a card means.
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
        let answer = try await python.ask(["python3", "-c", Self.script], input: Array(input))
        try #require(answer.status == 0, "\(answer.errors)")
        return try JSONDecoder().decode([Opinion].self, from: Data(answer.output))
    }

    @Test func `what PyYAML accepts is read, and with the same values`() async throws {
        var random = FixedSeed(11)
        let cards = CardGenerator.readmes + (0..<3_000).map { _ in CardGenerator.card(&random) }
        let opinions = try await opinions(on: cards)
        var (accepted, values, bothRefuse, refused) = (0, 0, 0, 0)
        for (readme, opinion) in zip(cards, opinions) {
            let card = Card.read(readme)
            guard opinion.accepted else {
                refused += 1
                if !card.syntaxErrors.isEmpty { bothRefuse += 1 }
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
        // What YAML refuses is to be noticed before it is sent, though not at any price.
        #expect(bothRefuse * 10 > refused * 8, "\(bothRefuse) of \(refused) noticed, \(accepted) accepted")
    }

    @Test func `after a key is set every other key means to PyYAML what it meant`() async throws {
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
        let wanted = try await opinions(
            on: edits.map { Array("---\n\(YAMLText.key($0.key)): \($0.raw)\n---\n".utf8) })
        var compared = 0
        for (index, edit) in edits.enumerated() where before[index].accepted {
            let note: Comment = "\(edit.key) in \(edit.before.text) became \(edit.after.text)"
            #expect(after[index].accepted, note)
            var (old, new) = (before[index].meanings, after[index].meanings)
            #expect(new[edit.key] == wanted[index].meanings[edit.key], note)
            (old[edit.key], new[edit.key]) = (nil, nil)
            #expect(old == new, note)
            compared += 1
        }
        #expect(compared > 500)
    }
}
