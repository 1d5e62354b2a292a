/// Merges two versions of a text that grew from a third, line by line, as Git does.
package protocol TextMerging: Sendable {
    /// nil when both changed the same lines, or when one of them is no text.
    func merged(_ ours: [UInt8], _ theirs: [UInt8], from base: [UInt8]) async throws(DeployError) -> [UInt8]?
}
