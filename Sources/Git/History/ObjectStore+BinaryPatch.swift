internal import CGit2
import SpacesModel

extension ObjectStore {
    package func binaryPatch(from old: [UInt8], to new: [UInt8]) throws(DeployError) -> [UInt8] {
        do throws(GitError) {
            let text = Array(try Self.patch(old, new).utf8)
            let marker = Array("GIT binary patch\n".utf8)
            let start = text.indices.first { text[$0...].starts(with: marker) }
            guard let start else {
                throw GitError(call: "git_patch_to_buf", code: -1, message: "no patch came")
            }
            return Array(text[start...])
        } catch {
            throw DeployError(.internalError, "a binary patch cannot be made", details: [error.message])
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
}

enum PatchKind: HandleKind { static func free(_ raw: OpaquePointer) { git_patch_free(raw) } }
