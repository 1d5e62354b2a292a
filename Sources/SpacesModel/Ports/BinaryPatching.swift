/// Writes what Git calls a binary patch: all of both contents, packed and in printable letters.
package protocol BinaryPatching: Sendable {
    /// From the line `GIT binary patch` on.
    func binaryPatch(from old: [UInt8], to new: [UInt8]) async throws(DeployError) -> [UInt8]
}
