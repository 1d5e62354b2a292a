import Foundation

/// A program that a test needs and that may not be installed.
package struct Peer: Sendable {
    package let name: String
    /// The program's absolute path; `nil` if the program is not installed.
    package let path: String?

    /// Looks for the program at `SPACESYNC_<NAME>`, on `PATH`, and in `.build/peers/<name>/bin`.
    package init(_ name: String) {
        self.name = name
        let environment = ProcessInfo.processInfo.environment
        let key = "SPACESYNC_" + name.uppercased().replacingOccurrences(of: "-", with: "_")
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let candidates =
            [environment[key] ?? ""]
            + (environment["PATH"] ?? "/usr/bin:/bin").split(separator: ":").map { "\($0)/\(name)" }
            + [root.appendingPathComponent(".build/peers/\(name)/bin/\(name)").path]
        path = candidates.first { FileManager.default.isExecutableFile(atPath: $0) }
    }

    /// Whether tests with this program are enabled, for `.enabled(if:)`: the program is installed, or
    /// `SPACESYNC_REQUIRE` lists it. If a required program is missing, the test runs and fails.
    package var isWanted: Bool {
        let required = ProcessInfo.processInfo.environment["SPACESYNC_REQUIRE"] ?? ""
        return path != nil || required.split(separator: ",").contains { $0 == name }
    }

    /// The comment of a skipped test.
    package var word: String { "needs \(name): set SPACESYNC_\(name.uppercased()), or put it on PATH" }

    /// Returns the program's absolute path.
    /// - Throws: `Missing` if the program is not installed.
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
