import Foundation
import TestSupport
import Testing

extension Scene {
    /// One push with `history = source`.
    func pushHistory(of source: Repository, _ flags: String...) async throws -> Finished {
        try await spacesync(
            ["push", "me/demo", "-c", "history=source", "--no-wait"] + flags, in: source.url)
    }

    /// A Space made for a source of two commits.
    func pushedHistory() async throws -> Repository {
        let source = try await source()
        try await source.commit(["app.py": "print('two')\n"], "Two")
        let first = try await pushHistory(of: source, "--create")
        try #require(first.status == 0, "\(first)")
        return source
    }
}
