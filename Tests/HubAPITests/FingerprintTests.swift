import Digest
import Foundation
import HTTP
import TestSupport
import Testing

@testable import HubAPI
@testable import SpacesModel

struct FingerprintTests {
    private let secret = Secret(exactly: "zebra crossing")

    @Test func `a fingerprint matches its secret and no other`() throws {
        let made = try #require(Fingerprint(of: secret))
        let read = try #require(Fingerprint(in: "the key of the lake \(made)"))
        #expect(read == made)
        #expect(read.matches(secret))
        #expect(!read.matches(Secret(exactly: "zebra crossings")))
        #expect(!"\(made)".contains("zebra"))
    }

    @Test func `two fingerprints of one secret have different salts and hashes`() throws {
        let texts = try [1, 2].map { _ in
            try #require(Fingerprint(of: secret)).description.split(separator: ":")
        }
        #expect(texts[0][3] != texts[1][3])
        #expect(texts[0][4] != texts[1][4])
    }

    @Test(arguments: [
        "", "spacesync:v1:", "spacesync:v1:600000:AAAA:AAAA:1", "spacesync:v1:99999999:AAAA:\(hash):1",
        "spacesync:v1:0:AAAA:\(hash):1", "spacesync:v1:-1:AAAA:\(hash):1", "spacesync:v1:1:*:\(hash):1",
        "spacesync:v1:1:AAAA:\(hash)", "spacesync:v2:1:AAAA:\(hash):1",
    ])
    func `a fingerprint that is invalid or too expensive to check is rejected`(text: String) {
        #expect(Fingerprint(in: text) == nil)
    }

    private static let hash = Data(count: 18).base64EncodedString()

    /// Test vector of RFC 7914, section 11.
    @Test func `the hash is PBKDF2 with HMAC-SHA-256`() throws {
        let hash = try #require(
            PasswordHash.derive(Array("passwd".utf8), salt: Array("salt".utf8), rounds: 1, length: 64))
        let expected = "55ac046e56e3089fec1691c22544b605f94185216dde0465e68b9d57c20dacbc"
        #expect(hash.prefix(32).map { String(format: "%02x", $0) }.joined() == expected)
    }

    @Test func `the fingerprint file is private, and invalid content is ignored`() throws {
        let folder = try TestDirectory()
        let store = FingerprintStore(in: folder.path + "/fingerprints")
        let space = try #require(SpaceID(owner: "me", name: "app"))
        let made = try #require(Fingerprint(of: secret))
        store.save(made, of: "KEY", space, at: "hub.example:8443")
        #expect(store.fingerprints(of: space, at: "hub.example:8443") == ["KEY": made])
        #expect(store.fingerprints(of: space, at: "other.example") == [:])
        let name = try #require(
            try FileManager.default.contentsOfDirectory(atPath: folder.path + "/fingerprints").first)
        let path = folder.path + "/fingerprints/" + name
        #expect(try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int == 0o600)
        try Data("{\"KEY\":".utf8).write(to: URL(fileURLWithPath: path))
        #expect(store.fingerprints(of: space, at: "hub.example:8443") == [:])
    }
}
