internal import CGit2
import SpacesModel

extension ObjectStore {
    package func merged(_ ours: [UInt8], _ theirs: [UInt8], from base: [UInt8]) throws(DeployError)
        -> [UInt8]?
    {
        // Git's own test for binary content: a NUL in the first 8,000 bytes.
        guard ![ours, theirs, base].contains(where: { $0.prefix(8000).contains(0) }) else { return nil }
        do throws(GitError) { return try Self.merge(ours, theirs, base) } catch {
            throw DeployError(
                .internalError, "two versions of a file cannot be merged", details: [error.message])
        }
    }

    private static func merge(_ ours: [UInt8], _ theirs: [UInt8], _ base: [UInt8]) throws(GitError)
        -> [UInt8]?
    {
        var result = git_merge_file_result()
        defer { git_merge_file_result_free(&result) }
        let status = base.withMergeInput { base in
            ours.withMergeInput { ours in
                theirs.withMergeInput { theirs in git_merge_file(&result, base, ours, theirs, nil) }
            }
        }
        try check("git_merge_file", status)
        guard result.automergeable != 0 else { return nil }
        return [UInt8](UnsafeRawBufferPointer(start: result.ptr, count: result.len))
    }
}

extension [UInt8] {
    fileprivate func withMergeInput(_ body: (UnsafePointer<git_merge_file_input>) -> Int32) -> Int32 {
        withUnsafeBytes { bytes in
            var input = spacesync_git_merge_file_input()
            input.ptr = bytes.baseAddress?.assumingMemoryBound(to: CChar.self)
            input.size = bytes.count
            return body(&input)
        }
    }
}
