import Foundation

/// A program that a proof needs and a machine may lack.
package struct Peer: Sendable {
    package let name: String
    /// An absolute path; nil when the program is not here.
    package let path: String?

    /// Found at `SPACESYNC_<NAME>`, on PATH, or in `.build/peers/<name>/bin`.
    package init(_ name: String) {
        self.name = name
        let environment = ProcessInfo.processInfo.environment
        let key = "SPACESYNC_" + name.uppercased().replacingOccurrences(of: "-", with: "_")
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let places =
            [environment[key] ?? ""]
            + (environment["PATH"] ?? "/usr/bin:/bin").split(separator: ":").map { "\($0)/\(name)" }
            + [root.appendingPathComponent(".build/peers/\(name)/bin/\(name)").path]
        path = places.first { FileManager.default.isExecutableFile(atPath: $0) }
    }

    /// For `.enabled(if:)`. True also when `SPACESYNC_REQUIRE` lists a program that is missing: then the proof runs,
    /// and fails.
    package var isWanted: Bool {
        let required = ProcessInfo.processInfo.environment["SPACESYNC_REQUIRE"] ?? ""
        return path != nil || required.split(separator: ",").contains { $0 == name }
    }

    /// The word for a skipped proof.
    package var word: String { "needs \(name): set SPACESYNC_\(name.uppercased()), or put it on PATH" }

    /// The program's place; throws when it was required and is missing.
    package func found() throws -> String {
        guard let path else { throw Missing(name: name) }
        return path
    }

    package struct Missing: Error { package var name: String }

    package static let git = Peer("git")
    package static let gitLFS = Peer("git-lfs")
    package static let hf = Peer("hf")
    package static let sshKeygen = Peer("ssh-keygen")
    package static let openSSL = Peer("openssl")
    package static let puttygen = Peer("puttygen")
    package static let gpg = Peer("gpg")
}
