internal import CGit2
import Essentials
import HTTP
import SpacesModel

extension ObjectStore {
    /// Returns the body of a push: a command and one pack that stores versions of one file as
    /// deltas. libgit2 looks for delta bases among objects with the same path first.
    func deltaPack(of objects: [PackObject], after command: Data) throws(DeployError)
        -> HTTPClientRequest.Body
    {
        do {
            let spool = SpooledBody(command)
            let packing = try PackingRepository(sharing: store.database)
            let builder = try packing.builder()
            for object in objects {
                var id = object.id.git
                try check(
                    "git_packbuilder_insert",
                    git_packbuilder_insert(builder.raw, &id, object.path?.description))
            }
            // The body is passed unretained, for the duration of the call.
            let status = withExtendedLifetime(spool) {
                git_packbuilder_foreach(
                    builder.raw, appendPackData, Unmanaged.passUnretained(spool).toOpaque())
            }
            try check("git_packbuilder_foreach", status)
            return try spool.body()
        } catch { throw DeployError(unpackable: error) }
    }

    /// A separate libgit2 repository on the store's object database. It lacks the store's settings,
    /// which keep libgit2 from creating deltas.
    private struct PackingRepository: ~Copyable {
        private let repository: Handle<RepositoryKind>

        init(sharing database: borrowing ODB) throws(GitError) {
            repository = try Self.configured(try Self.wrapping(database))
        }

        private static func wrapping(_ database: borrowing ODB) throws(GitError) -> Handle<
            RepositoryKind
        > {
            let objects = database.handle.raw
            return try Handle("git_repository_wrap_odb") { git_repository_wrap_odb(&$0, objects) }
        }

        private static func configured(
            _ repository: consuming Handle<RepositoryKind>
        ) throws(GitError) -> Handle<RepositoryKind> {
            let config = try Handle<ConfigKind>("git_config_new") { git_config_new(&$0) }
            try check("git_repository_set_config", git_repository_set_config(repository.raw, config.raw))
            return repository
        }

        func builder() throws(GitError) -> Handle<PackBuilderKind> {
            let raw = repository.raw
            return try Handle("git_packbuilder_new") { git_packbuilder_new(&$0, raw) }
        }
    }
}

/// Appends a piece of a pack to the body. A result other than 0 aborts packing.
private func appendPackData(
    _ start: UnsafeMutableRawPointer?, _ size: Int, _ payload: UnsafeMutableRawPointer?
)
    -> Int32
{
    guard let payload else { return -1 }
    let spool = Unmanaged<SpooledBody>.fromOpaque(payload).takeUnretainedValue()
    do { try spool.write(UnsafeRawBufferPointer(start: start, count: size)) } catch { return -1 }
    return 0
}
