import TestSupport
import Testing

@testable import SpacesModel

/// Tests for LFS pointer files: https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md
struct LFSPointerTests {
    private static let oid = "4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393"
    private static let version = "version https://git-lfs.github.com/spec/v1\n"

    @Test func `a written pointer is read back`() throws {
        let pointer = try #require(LFSPointer(oid: Self.oid, size: 12345))
        #expect(pointer.bytes == Array("\(Self.version)oid sha256:\(Self.oid)\nsize 12345\n".utf8))
        #expect(LFSPointer(pointer.bytes) == pointer)
        #expect(LFSPointer(pointer.bytes[...]) == pointer)
    }

    @Test(arguments: [
        "\(version)oid sha256:\(oid)\nsize 5",
        "\(version)oid sha256:\(oid)\r\nsize 5\r\n",
        "version https://git-lfs.github.com/spec/v1\r\noid sha256:\(oid)\r\nsize 5\r\n",
        "version https://hawser.github.com/spec/v1\noid sha256:\(oid)\nsize 5\n",
        "\(version)ext-0-foo sha256:\(oid)\noid sha256:\(oid)\nsize 5\n",
    ])
    func `extensions and a missing final line end are accepted`(text: String) {
        #expect(LFSPointer(Array(text.utf8))?.size == 5)
    }

    @Test(arguments: [
        "", "hello\n", "version https://git-lfs.github.com/spec/v1",
        "\(version)", "\(version)oid sha256:\(oid)\n", "\(version)size 5\n",
        "\(version)oid sha256:\(oid.uppercased())\nsize 5\n",
        "\(version)oid sha256:\(oid.dropLast())\nsize 5\n",
        "\(version)oid sha256:\(oid)0\nsize 5\n",
        "\(version)oid md5:\(oid)\nsize 5\n",
        "\(version)oid \(oid)\nsize 5\n",
        "\(version)oid sha256:\(oid)\nsize -5\n",
        "\(version)oid sha256:\(oid)\nsize five\n",
        "\(version)oid sha256:\(oid)\nsize 99999999999999999999\n",
        "version https://example.org/spec/v1\noid sha256:\(oid)\nsize 5\n",
        "\nversion https://git-lfs.github.com/spec/v1\noid sha256:\(oid)\nsize 5\n",
        "# A page about pointers\n\(version)oid sha256:\(oid)\nsize 5\n",
        "\(version)oid sha256:\(oid)\nsize 5\nword\n",
    ])
    func `an invalid pointer is not parsed`(text: String) {
        #expect(LFSPointer(Array(text.utf8)) == nil, "\(text)")
    }

    @Test func `a non-canonical encoding of a pointer is detected`() throws {
        let pointer = try #require(LFSPointer(oid: Self.oid, size: 5))
        #expect(pointer.isEncoded(as: pointer.bytes))
        #expect(!pointer.isEncoded(as: pointer.bytes.flatMap { $0 == 10 ? [13, 10] : [$0] }))
        let extended = "\(Self.version)ext-0-foo sha256:\(Self.oid)\noid sha256:\(Self.oid)\nsize 5\n"
        #expect(pointer.isEncoded(as: Array(extended.utf8)))
    }

    @Test func `a file of 1024 bytes is not a pointer`() {
        let head = "\(Self.version)oid sha256:\(Self.oid)\nsize 5\n"
        func padded(to count: Int) -> [UInt8] {
            Array((head + "x " + String(repeating: "y", count: count - head.utf8.count - 3) + "\n").utf8)
        }
        #expect(LFSPointer(padded(to: 1023)) != nil)
        #expect(LFSPointer(padded(to: 1024)) == nil)
    }

    @Test func `an empty object has a pointer`() throws {
        let pointer = try #require(LFSPointer(oid: Self.oid, size: 0))
        #expect(LFSPointer(pointer.bytes)?.size == 0)
        #expect(LFSPointer(oid: Self.oid, size: -1) == nil)
        #expect(LFSPointer(oid: "abc", size: 1) == nil)
        #expect(LFSPointer(oid: String(repeating: "é", count: 32), size: 1) == nil)
    }
}
