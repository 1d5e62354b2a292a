import Foundation
import Testing

@testable import Essentials

struct TextTests {
    @Test func `every Unicode scalar is trimmed as Foundation trims it`() {
        var differing: [Unicode.Scalar] = []
        let further = stride(from: UInt32(0x1_0000), through: 0x10_FFFF, by: 257)
        for scalar in (Array(0...0xFFFF) + further).compactMap({ Unicode.Scalar($0) }) {
            let text = "\(scalar)a\(scalar)"
            let isSame =
                text.trimmingSpaces() == text.trimmingCharacters(in: .whitespaces)
                && text.trimmingWhitespace() == text.trimmingCharacters(in: .whitespacesAndNewlines)
            if !isSame { differing.append(scalar) }
        }
        #expect(differing.isEmpty, "\(differing.prefix(20))")
    }

    @Test(arguments: ["", " ", "\t \r\n", " a b ", "a", "\u{301} x \u{301}", "[::1]", "[", "e\u{301} "])
    func `a text is trimmed as Foundation trims it`(text: String) {
        #expect(text.trimmingSpaces() == text.trimmingCharacters(in: .whitespaces))
        #expect(text.trimmingWhitespace() == text.trimmingCharacters(in: .whitespacesAndNewlines))
        #expect(text.trimmingBrackets() == text.trimmingCharacters(in: ["[", "]"]))
        #expect(text.dropFirst().trimmingSpaces() == text.dropFirst().trimmingCharacters(in: .whitespaces))
    }

    @Test func `percent-encoding and decoding match Foundation`() {
        var generator = SeededGenerator(state: 7)
        let parts = ["%41", "%c3%A9", "%C3", "%", "%4", "%zz", "a", "é", "%00", "+", "/", "😀", "%25", " "]
        for _ in 0..<5_000 {
            let count = Int.random(in: 0...6, using: &generator)
            let text = (0..<count).map { _ in parts.randomElement(using: &generator) ?? "" }.joined()
            #expect(text.percentDecoded == text.removingPercentEncoding, "\(text)")
            #expect(
                text.percentEncoded() == text.addingPercentEncoding(withAllowedCharacters: .alphanumerics))
            #expect(
                text.percentEncoded(keeping: "-._~/")
                    == text.addingPercentEncoding(
                        withAllowedCharacters: .alphanumerics.union(CharacterSet(charactersIn: "-._~/"))))
            #expect(text.percentEncoded().percentDecoded == text)
        }
    }

    @Test(arguments: [
        "/", "ab", "/a", "ab/", "/a/", "a/b", "/a/b", "/a/b/", "//a//b//", "./a", "../a/b.c", "a//b", "é/ü",
    ])
    func `a path is split as Foundation splits it`(path: String) {
        #expect(path.lastPathComponent == (path as NSString).lastPathComponent)
        #expect(path.deletingLastPathComponent == (path as NSString).deletingLastPathComponent)
    }

    /// Foundation is no reference here: it traps on `""` and `"a"`, and returns empty components for
    /// `"//"`.
    @Test func `the shortest paths have path components`() {
        #expect("".lastPathComponent.isEmpty && "".deletingLastPathComponent.isEmpty)
        #expect("a".lastPathComponent == "a" && "a".deletingLastPathComponent.isEmpty)
        #expect("//".lastPathComponent == "/" && "//".deletingLastPathComponent == "/")
    }

    @Test(arguments: [
        "~", "~/a", "~/a/b", "~root", "~root/.ssh", "~nobody-of-this-name/a", "a/~", "/~/a", "",
    ])
    func `a tilde is expanded as Foundation expands it`(path: String) {
        #expect(path.expandingTilde == (path as NSString).expandingTildeInPath)
    }

    @Test func `home directory, temporary directory and user name match Foundation`() {
        #expect(homeDirectory() == NSHomeDirectory())
        #expect(temporaryDirectory() == NSTemporaryDirectory())
        #expect(ProcessInfo.processInfo.userName == NSUserName())
    }
}

/// A random number generator with a given seed: the same numbers in every run (SplitMix64).
struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
