import Foundation
import TestSupport
import Testing

extension Scene {
    /// Pushes with `history = source`.
    func pushHistory(of source: Repository, _ flags: String...) async throws -> Finished {
        try await spacesync(
            ["push", "me/demo", "-c", "history=source", "--no-wait"] + flags, in: source.url)
    }

    /// Returns a source of two commits, pushed to a new Space.
    func pushedHistory() async throws -> Repository {
        let source = try await source()
        try await source.commit(["app.py": "print('two')\n"], "Two")
        let first = try await pushHistory(of: source, "--create")
        try #require(first.status == 0, "\(first)")
        return source
    }
}
