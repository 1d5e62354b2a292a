internal import CGit2
import Essentials
import HTTP
import SpacesModel

extension ObjectStore {
    package func binaryPatch(from old: [UInt8], to new: [UInt8]) throws(DeployError) -> [UInt8] {
        do throws(GitError) {
            let text = Array(try Self.patch(old, new).utf8)
            let marker = Array("GIT binary patch\n".utf8)
            let start = text.indices.first { text[$0...].starts(with: marker) }
            guard let start else {
                throw GitError(call: "git_patch_to_buf", code: -1, message: "no patch was returned")
            }
            return Array(text[start...])
        } catch {
            throw DeployError(.internalError, "a binary patch cannot be created", details: [error.message])
        }
    }

    private static func patch(_ old: [UInt8], _ new: [UInt8]) throws(GitError) -> String {
        var options = spacesync_git_diff_options()
        options.flags = GIT_DIFF_SHOW_BINARY.rawValue | GIT_DIFF_FORCE_BINARY.rawValue
        let patch = try Handle<PatchKind>("git_patch_from_buffers") { patch in
            old.withUnsafeBytes { old in
                new.withUnsafeBytes { new in
                    git_patch_from_buffers(
                        &patch, old.baseAddress, old.count, "old", new.baseAddress, new.count, "new", &options
                    )
                }
            }
        }
        return try text("git_patch_to_buf") { git_patch_to_buf(&$0, patch.raw) }
    }

    package func ancestor(of tip: ObjectID, among candidates: Set<ObjectID>) throws(DeployError) -> ObjectID?
    {
        guard !candidates.isEmpty else { return nil }
        do throws(GitError) {
            var walk = CommitWalk(from: tip)
            while let commit = try walk.next(in: store.database) {
                if candidates.contains(commit.id) { return commit.id }
            }
            return nil
        } catch { throw brokenHistory(of: tip, error) }
    }

    package func commits(from tip: ObjectID, beyond bases: [ObjectID]) throws(DeployError) -> [Commit] {
        do throws(GitError) {
            if let line = straightLine(from: tip, to: Set(bases)) { return line }
            return try CommitWalk.commits(from: tip, beyond: bases, in: store.database)
        } catch { throw brokenHistory(of: tip, error) }
    }

    package func newestCommits(from tip: ObjectID, limit: Int) -> [Commit] {
        CommitWalk.newest(limit, from: tip, in: store.database)
    }

    /// Returns the commits down to a base; `nil` if one of them is a merge. A walk that handles
    /// merges also reads commits behind a base, which may be missing in a shallow clone.
    private func straightLine(from tip: ObjectID, to bases: Set<ObjectID>) -> [Commit]? {
        guard !bases.isEmpty else { return nil }
        var (commits, next): ([Commit], ObjectID) = ([], tip)
        while !bases.contains(next) {
            guard let commit = try? store.database.commit(next), commit.parents.count == 1 else { return nil }
            commits.append(commit)
            next = commit.parents[0]
        }
        return commits.reversed()
    }

    /// Whether every ancestor of this commit is in the store.
    func containsHistory(of tip: ObjectID) -> Bool {
        guard contains(tip) else { return false }
        do {
            var walk = CommitWalk(from: tip)
            while try walk.next(in: store.database) != nil {}
            return true
        } catch { return false }
    }

    private func brokenHistory(of tip: ObjectID, _ error: GitError) -> DeployError {
        guard error.isMissing else { return unreadable(tip, error) }
        guard let shallow = sources.first(where: \.isShallow) else {
            return DeployError(
                .source, "the history of \(tip.short) is incomplete", details: [error.message],
                hint: sources.first.map { "check the repository: git -C \($0.path.shellQuoted) fsck" })
        }
        return DeployError(
            .source, "\(shallow.path) is a shallow clone: the history of \(tip.short) is incomplete",
            details: ["history = source pushes a commit with its complete history"],
            hint:
                "run git -C \(shallow.path.shellQuoted) fetch --unshallow (in GitHub Actions: fetch-depth: 0)"
        )
    }

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
        let status = withMergeInput(base) { base in
            withMergeInput(ours) { ours in
                withMergeInput(theirs) { theirs in git_merge_file(&result, base, ours, theirs, nil) }
            }
        }
        try check("git_merge_file", status)
        guard result.automergeable != 0 else { return nil }
        return [UInt8](UnsafeRawBufferPointer(start: result.ptr, count: result.len))
    }
}

enum PatchKind: HandleKind { static func free(_ raw: OpaquePointer) { git_patch_free(raw) } }

private func withMergeInput(_ bytes: [UInt8], _ body: (UnsafePointer<git_merge_file_input>) -> Int32) -> Int32
{
    bytes.withUnsafeBytes { bytes in
        var input = spacesync_git_merge_file_input()
        input.ptr = bytes.baseAddress?.assumingMemoryBound(to: CChar.self)
        input.size = bytes.count
        return body(&input)
    }
}
