import Foundation
import TestSupport
import Testing

@testable import CLI
@testable import HTTP

/// Tests for reading environment files as `hf` does.
struct EnvFileTests {
    private static let text = """
        # a comment
        A=1
        export B = two words  # behind a blank
        C=with#no blank
        D="say \\"hi\\"\\n\\t\\\\ \\$x \\q"  # quoted
        E='as \\n it $is'
        F=

        G= # nothing
          H='x' y
        I
        J # the environment's
        _k1="" 
        """

    private func pairs(_ text: String) -> [String: String?] {
        Dictionary(EnvFile(text).entries.map { ($0.name, $0.value?.reveal()) }) { $1 }
    }

    @Test func `quotes, comments, export and names without a value are parsed`() {
        let pairs = pairs(Self.text)
        #expect(pairs["A"] == "1" && pairs["B"] == "two words" && pairs["C"] == "with#no blank")
        #expect(pairs["D"] == "say \"hi\"\n\t\\ $x \\q" && pairs["E"] == "as \\n it $is")
        #expect(pairs["F"] == "" && pairs["G"] == "" && pairs["H"] == "'x' y" && pairs["_k1"] == "")
        #expect(pairs["I"] == .some(nil) && pairs["J"] == .some(nil))
    }

    @Test func `invalid lines are reported by their number, without their text`() {
        let file = EnvFile("A=1\r\nnot a pair\r\n=x\r\nB=2\r\n1C=3")
        #expect(file.invalidLines == [2, 3, 5])
        #expect(file.entries.map(\.line) == [1, 4])
        #expect(file.entries.map { $0.value?.reveal() } == ["1", "2"])
    }

    /// Compares the result with the reader of `huggingface_hub`.
    @Test(.enabled(if: Peer.hf.isWanted, Comment(rawValue: Peer.hf.word)))
    func `hf has the same result`() async throws {
        let python = URL(fileURLWithPath: try Peer.hf.found()).deletingLastPathComponent()
            .appending(path: "python").path
        let program = """
            import json, sys
            from huggingface_hub.utils._dotenv import load_dotenv
            print(json.dumps(load_dotenv(sys.stdin.read(), environ={"I": "<env>", "J": "<env>"})))
            """
        let finished = try await run(
            python, ["-c", program], environment: ["PATH": "/usr/bin:/bin", "HOME": "/nonexistent"],
            input: Data(Self.text.utf8))
        let parsed = try #require(
            try JSONSerialization.jsonObject(with: Data(finished.out.utf8)) as? [String: String])
        #expect(parsed == pairs(Self.text).mapValues { $0 ?? "<env>" })
    }
}
