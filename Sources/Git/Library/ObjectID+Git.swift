internal import CGit2
import SpacesModel

extension ObjectID {
    init?(_ id: UnsafePointer<git_oid>?) {
        guard let id else { return nil }
        let bytes = [UInt8](unsafeUninitializedCapacity: 20) { buffer, count in
            spacesync_git_oid_bytes(id, buffer.baseAddress)
            count = 20
        }
        self.init(bytes: bytes)
    }

    /// The id as a libgit2 `git_oid`.
    var git: git_oid { spacesync_git_oid(bytes) }
}
