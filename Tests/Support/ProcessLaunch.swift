import Foundation
import Synchronization

extension Process {
    private static let launching = Mutex(())

    /// Starts the process, and closes its stream handles: Foundation never releases processes and
    /// their handles, and reads beyond the end of a buffer once a thousand are open. Processes start
    /// one at a time: two could inherit each other's sockets, by which Foundation detects their exit.
    package func begin() throws {
        let standardHandles = [FileHandle.nullDevice, .standardInput, .standardOutput, .standardError]
        defer {
            for case let file as FileHandle in [standardInput, standardOutput, standardError]
            where !standardHandles.contains(where: { $0 === file }) {
                try? file.close()
            }
        }
        try Self.launching.withLock { _ in try run() }
    }
}
