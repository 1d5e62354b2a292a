import TestSupport
import Testing

@testable import Git
@testable import SpacesModel

/// Property tests for all parsers of Git's object formats and wire protocol.
struct GitParserPropertyTests {
    private static let id = "abababababababababababababababababababab"
    private static let parsers = [
        HostileParser(
            "tree",
            [
                "100644 a\0", "40000 d\0", "0", "7", " ", "\0", "aaaaaaaaaaaaaaaaaaaa", "160000 s\0",
                "140000 x\0",
            ]
        ) { _ = TreeCodec.entries(in: $0) },
        HostileParser(
            "commit",
            [
                "tree \(id)\n", "parent \(id)\n", "author ", "A <a@b> ", "1700000000 +0100\n", "\n",
                "encoding Shift_JIS\n",
                "encoding ISO-8859-1\n", "<", ">", " ", "-10039", "99999999999999999999", "Key: value\n",
                "\u{301}",
            ]
        ) { bytes in
            guard let commit = CommitCodec.commit(.zero, in: bytes) else { return }
            let draft = CommitDraft(
                tree: commit.tree, parents: commit.parents, author: commit.author, committer: commit.author,
                message: commit.message)
            _ = (CommitCodec.bytes(of: draft), commit.subject, Trailers(of: commit.message).text)
        },
        HostileParser(
            "packets",
            ["0000", "0001", "0005a", "000a\u{1}hello", "ffff", "0003", "zzzz", "0009\u{2}abcd", "0008NAK\n"]
        ) { bytes in
            var (reader, response) = (PktLineReader(), UploadPackResponse())
            reader.append(bytes)
            while let packet = try? reader.next() { _ = packet.bytes }
            for piece in stride(from: 0, to: bytes.count, by: 7) {
                _ = try? response.consume(bytes[piece..<min(piece + 7, bytes.count)])
            }
            _ = ReceivePackReport(bytes, sideBand: true).remoteLines
            _ = ReceivePackReport(bytes, sideBand: false).references
        },
        HostileParser(
            "advertisement",
            [
                "003d\(id) refs/heads/main\n", "0000", "0032\(id) HEAD\0a=b\n",
                "001e# service=git-upload-pack\n",
                "0036shallow \(id)\n", "000eERR hello\n", "peeled:", "symref-target:", "0001",
            ]
        ) { bytes in
            _ = try? RefAdvertisement(bytes).find("main")
            _ = try? RefAdvertisement(listing: bytes).find(nil)
        },
    ]

    @Test(arguments: parsers) func `no input crashes the parser`(_ parser: HostileParser) { parser.run() }

    @Test(arguments: parsers)
    func `doubling the input at most about doubles the time`(_ parser: HostileParser) {
        let worst = parser.growth()
        #expect(worst.ratio < 3.4, "\(parser): \(worst.ratio) for \(worst.input.debugDescription) repeated")
    }
}
