import Foundation
import Synchronization

extension Process {
    private static let launching = Mutex(())

    /// Starts it, and closes the files that it was given: Foundation keeps every process and its handles for ever,
    /// and reads beyond a buffer's end once a thousand are open. One starts at a time: two could inherit one another's
    /// sockets, by which Foundation learns of their end.
    package func begin() throws {
        let kept = [FileHandle.nullDevice, .standardInput, .standardOutput, .standardError]
        defer {
            for case let file as FileHandle in [standardInput, standardOutput, standardError]
            where !kept.contains(where: { $0 === file }) {
                try? file.close()
            }
        }
        try Self.launching.withLock { _ in try run() }
    }
}
