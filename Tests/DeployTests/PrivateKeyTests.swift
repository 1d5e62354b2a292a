import Foundation
import TestSupport
import Testing

@testable import SecretScanner
@testable import SpacesModel

/// Private keys as the programs write them that people use. No key is in this repository: each test makes its own.
@Suite struct PrivateKeyTests {
    private static func errors(_ path: Path, _ content: Data) -> [Finding] {
        CredentialScan.findings(path: path, content: Array(content)).filter { $0.severity == .error }
    }

    private static func make(
        _ peer: Peer, _ arguments: [String], in folder: TestDirectory, input: String = ""
    ) async throws {
        let environment = ["PATH": "/usr/bin:/bin", "HOME": folder.path, "LC_ALL": "C"]
        let made = try await run(
            peer.found(), arguments, environment: environment, directory: folder.url, input: Data(input.utf8))
        try #require(made.status == 0, "\(peer.name) \(arguments): \(made)")
    }

    static let secureShell: [[String]] = [
        ["-t", "ed25519"], ["-t", "rsa", "-b", "2048"], ["-t", "ecdsa"], ["-t", "ecdsa", "-b", "521"],
        ["-t", "rsa", "-b", "2048", "-m", "PEM"], ["-t", "rsa", "-b", "2048", "-m", "PKCS8"],
    ]

    @Test(.enabled(if: Peer.sshKeygen.isWanted), arguments: secureShell, ["", "a long passphrase"])
    func `a key of ssh-keygen is found under any name`(kind: [String], passphrase: String) async throws {
        let folder = try TestDirectory()
        try await Self.make(
            .sshKeygen, ["-q", "-f", "made", "-N", passphrase, "-C", "ada@example.org"] + kind, in: folder)
        let key = try folder.read("made")
        for path in ["id_ed25519", "deploy", "docs/notes.md", "x.pem"] as [Path] {
            let found = Self.errors(path, key)
            #expect(
                found.map(\.line) == [1] && found.first?.reason.contains("private key") == true, "\(kind)")
        }
        #expect(Self.errors("id.pub", try folder.read("made.pub")) == [])
        let value = String(decoding: key, as: UTF8.self)
        #expect(CredentialScan.kind(of: value) == "a private key")
        #expect(!Self.errors("a", key).description.contains(value.split(separator: "\n")[1]))
    }

    static let openSSL: [[String]] = [
        ["genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048", "-out", "made"],
        [
            "genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048", "-aes256", "-pass",
            "pass:secret", "-out", "made",
        ],
        ["genpkey", "-algorithm", "ED25519", "-out", "made"],
        ["genpkey", "-algorithm", "X25519", "-out", "made"],
        ["genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", "made"],
        ["ecparam", "-name", "prime256v1", "-genkey", "-out", "made"],
        ["ecparam", "-name", "secp521r1", "-genkey", "-noout", "-out", "made"],
        ["genrsa", "-traditional", "-out", "made", "2048"],
        ["genrsa", "-traditional", "-aes128", "-passout", "pass:secret", "-out", "made", "2048"],
        ["genrsa", "-traditional", "-des3", "-passout", "pass:secret", "-out", "made", "1024"],
    ]

    @Test(.enabled(if: Peer.openSSL.isWanted), arguments: openSSL)
    func `a key of openssl is found, encrypted or not`(line: [String]) async throws {
        let folder = try TestDirectory()
        try await Self.make(.openSSL, line, in: folder)
        let key = try folder.read("made")
        #expect(Self.errors("made.txt", key).count == 1, "\(line)")
        let isEncrypted = line.contains { $0.hasPrefix("pass:") }
        try await Self.make(
            .openSSL,
            ["pkey", "-in", "made", "-pubout", "-out", "public"]
                + (isEncrypted ? ["-passin", "pass:secret"] : []),
            in: folder)
        #expect(Self.errors("public.pem", try folder.read("public")) == [])
    }

    @Test(.enabled(if: Peer.openSSL.isWanted))
    func `certificates and requests are not keys, what goes with them is`() async throws {
        let folder = try TestDirectory()
        let request = ["req", "-newkey", "rsa:2048", "-nodes", "-keyout", "key", "-subj", "/CN=example.org"]
        try await Self.make(.openSSL, request + ["-out", "request"], in: folder)
        try await Self.make(.openSSL, request + ["-x509", "-out", "certificate"], in: folder)
        #expect(Self.errors("a.crt", try folder.read("certificate")) == [])
        #expect(Self.errors("a.csr", try folder.read("request")) == [])
        let both = try folder.read("certificate") + folder.read("key") + folder.read("key")
        #expect(Self.errors("bundle.pem", both).count == 2)
    }

    @Test(
        .enabled(if: Peer.puttygen.isWanted && Peer.sshKeygen.isWanted), arguments: ["2", "3"],
        ["", "phrase"])
    func `a key file of PuTTY is found`(version: String, passphrase: String) async throws {
        let folder = try TestDirectory()
        try folder.write("phrase", passphrase)
        for kind in [["ed25519"], ["rsa", "-b", "2048"], ["ecdsa"]] {
            try await Self.make(
                .sshKeygen, ["-q", "-f", "made", "-N", "", "-t"] + kind, in: folder, input: "y\n")
            try await Self.make(
                .puttygen,
                ["made", "-o", "made.ppk", "-O", "private", "--ppk-param", "version=\(version)"]
                    + ["--new-passphrase", "phrase"], in: folder)
            let key = try folder.read("made.ppk")
            let found = Self.errors("made.ppk", key)
            #expect(found.map(\.line) == [1], "\(kind) \(version)")
            let windows = String(decoding: key, as: UTF8.self).replacing("\n", with: "\r\n")
            #expect(Self.errors("x.txt", Data(("\n" + windows).utf8)).map(\.line) == [2])
            for name in ["made", "made.pub", "made.ppk"] {
                try FileManager.default.removeItem(at: folder.url.appending(path: name))
            }
        }
    }

    @Test(.enabled(if: Peer.gpg.isWanted)) func `a secret key of GnuPG is found`() async throws {
        let folder = try TestDirectory()
        // A socket's path must be short.
        let home = "/tmp/gpg-\(UInt32.random(in: 0...UInt32.max))"
        try FileManager.default.createDirectory(
            atPath: home, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        defer { try? FileManager.default.removeItem(atPath: home) }
        let quiet = ["--homedir", home, "--batch", "--pinentry-mode", "loopback", "--passphrase", ""]
        try await Self.make(
            .gpg, quiet + ["--quick-gen-key", "ada@example.org", "default", "sign"], in: folder)
        try await Self.make(.gpg, quiet + ["--armor", "-o", "secret", "--export-secret-keys"], in: folder)
        try await Self.make(.gpg, quiet + ["--armor", "-o", "public", "--export"], in: folder)
        #expect(Self.errors("a.asc", try folder.read("secret")).count == 1)
        #expect(Self.errors("a.asc", try folder.read("public")) == [])
        let commented = String(decoding: try folder.read("secret"), as: UTF8.self).replacing(
            "BLOCK-----\n\n", with: "BLOCK-----\nVersion: GnuPG v2\nComment: Ada\nCharset: UTF-8\n\n")
        #expect(Self.errors("a.asc", Data(commented.utf8)).count == 1)
        _ = try? await run(
            "/usr/bin/gpgconf", ["--homedir", home, "--kill", "all"], environment: ["PATH": "/usr/bin:/bin"])
    }

    /// As people put keys into other files.
    @Test(.enabled(if: Peer.sshKeygen.isWanted && Peer.openSSL.isWanted))
    func `a key is found however it is quoted`() async throws {
        let folder = try TestDirectory()
        try await Self.make(.sshKeygen, ["-q", "-t", "ed25519", "-f", "one", "-N", ""], in: folder)
        try await Self.make(.openSSL, ["genpkey", "-algorithm", "ED25519", "-out", "two"], in: folder)
        try await Self.make(
            .openSSL,
            ["genrsa", "-traditional", "-aes128", "-passout", "pass:secret", "-out", "three", "2048"],
            in: folder)
        for name in ["one", "two", "three"] {
            let key = String(decoding: try folder.read(name), as: UTF8.self)
            let lines = key.split(separator: "\n", omittingEmptySubsequences: false).map { String($0) }
            let full = lines.filter { !$0.isEmpty }
            let json = String(decoding: try JSONEncoder().encode(["private_key": key]), as: UTF8.self)
            let written: [(String, String)] = [
                ("CRLF", key.replacing("\n", with: "\r\n")), ("CR", key.replacing("\n", with: "\r")),
                ("YAML", "key: |\n" + lines.map { "    " + $0 }.joined(separator: "\n")),
                ("tabs", lines.map { "\t" + $0 }.joined(separator: "\n")), ("JSON", json),
                ("JSON in JSON", String(decoding: try JSONEncoder().encode([json]), as: UTF8.self)),
                ("environment", "KEY=\"\(key.replacing("\n", with: "\\n"))\"\n"),
                ("Python", "K = (\n" + full.map { "    '\($0)\\n'\n" }.joined() + ")\n"),
                ("JavaScript", "const k = " + full.map { "\"\($0)\\n\" +\n  " }.joined() + "\"\";"),
                ("Java", "String k = \"\"\n" + full.map { "   + \"\($0)\\n\"\n" }.joined() + ";"),
                ("array", "[" + full.map { "\"\($0)\",\n" }.joined() + "]"),
                ("comment", lines.map { "# " + $0 }.joined(separator: "\n")),
                ("slashes", lines.map { "// " + $0 }.joined(separator: "\n")),
                ("quote", lines.map { "> " + $0 }.joined(separator: "\n")),
                ("diff", lines.map { "+" + $0 }.joined(separator: "\n")),
                ("shell", "printf '\(key)' > key\n"), ("mark", "\u{FEFF}" + key),
                ("late", String(repeating: "some words\n", count: 40_000) + key),
                ("Kubernetes", "data:\n  key: \(Data(key.utf8).base64EncodedString())\n"),
                ("cut", full.dropLast().joined(separator: "\n")),
            ]
            for (form, text) in written {
                #expect(Self.errors("config.txt", Data(text.utf8)).count == 1, "\(name) as \(form)")
            }
            if name != "three" {
                let line = full.joined(separator: " ")
                #expect(Self.errors("x", Data("KEY=\(line)\n".utf8)).count == 1, "\(name) on one line")
            }
            for encoding in [String.Encoding.utf16LittleEndian, .utf16BigEndian, .utf16] {
                let wide = try #require(("a\r\n" + key).data(using: encoding))
                let found = CredentialScan.findings(path: "k", binary: Array(wide))
                #expect(found.map(\.line) == [2], "\(name) in \(encoding)")
            }
            let binary = Array(Data([0, 1, 2, 0xff]) + Data(key.utf8) + Data([0]))
            #expect(
                CredentialScan.findings(path: "app.bin", binary: binary).count == 1, "\(name) in a binary")
        }
    }

    static let notKeys: [String] = {
        let labels = ["RSA PRIVATE KEY", "PRIVATE KEY", "OPENSSH PRIVATE KEY", "PGP PRIVATE KEY BLOCK"]
        let dashes = "-----"
        return labels.flatMap { label in
            let (begin, end) = ("\(dashes)BEGIN \(label)\(dashes)", "\(dashes)END \(label)\(dashes)")
            let openSSH = Data("openssh-key-v1\0\0\0\0\u{4}none".utf8).base64EncodedString()
            return [
                begin, "\(begin)\n", "\(begin)\n...\n\(end)\n", "\(begin)\n....................\n\(end)",
                "\(begin)\n[your key here]\n\(end)", "\(begin) ... \(end)", "\(begin)\\n...\\n\(end)\\n",
                "\(begin)\nThis is where the key goes, which is a long text of many words that nobody reads to its end.\n\(end)",
                "\(begin)\nMIIEpAIBAAKCAQEA...\n\(end)", "\(begin)\nMIIEpAIBAAKCAQEA\n...\n\(end)",
                "\(begin)\n\(openSSH)\n...\n\(end)", "\(begin)\n\(openSSH)...", "\(begin)\nREDACTED\n\(end)",
                "\(begin)\n\(String(repeating: "x", count: 64))\n\(end)",
                "\(begin)\nMIIEpAIBAAKCAQEA\(String(repeating: "x", count: 48))\n\(end)",
                "if line.startswith(\"\(begin)\"):\n    raise ValueError(\"a private key was given where a public one is expected\")",
                "A file starts with \(begin) and ends with \(end), and between them are lines of base64.",
            ]
        } + [
            "PuTTY-User-Key-File-2: ssh-rsa\n", "PuTTY-User-Key-File-3: then Private-Lines: and so on",
            "It has PuTTY-User-Key-File-2: ssh-rsa, Public-Lines: 4 and Private-Lines: 8 and then the text.",
            "PuTTY-User-Key-File-2: ssh-rsa\nPrivate-Lines: 14\n...\nPrivate-MAC: x",
        ]
    }()

    @Test(arguments: notKeys) func `what only looks like the frame of a key is none`(text: String) {
        #expect(Self.errors("docs/keys.md", Data(text.utf8)) == [], "\(text)")
        #expect(CredentialScan.findings(path: "a.bin", binary: [0] + Array(text.utf8)) == [])
    }

    @Test func `many headers are read in linear time`() {
        let dashes = "-----"
        for line in [
            "\(dashes)BEGIN PRIVATE KEY\(dashes)\n", "PuTTY-User-Key-File-2:\n",
            "PuTTY-User-Key-File-2: Private-Lines: 1\n",
            "\(dashes)BEGIN PRIVATE KEY\(dashes)\nComment: a\n", "--------",
            "\(dashes)BEGIN PRIVATE KEY\(dashes) " + String(repeating: "QUJD", count: 20) + "!\n",
        ] {
            let text = Array(String(repeating: line, count: (1 << 17) / line.utf8.count).utf8)
            let clock = ContinuousClock()
            let once = clock.measure { _ = PrivateKeyScan.offsets(in: Array(text.prefix(1 << 15))) }
            let four = clock.measure { _ = PrivateKeyScan.offsets(in: text) }
            #expect(four < once * 12 + .milliseconds(200), "\(line): \(once), \(four)")
        }
    }
}
