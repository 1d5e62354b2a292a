internal import CGit2
import Essentials
import HTTP
import SpacesModel

extension ObjectStore {
    /// The body of a push: a command and one pack, in which versions of one file stand as differences. libgit2 looks
    /// for them among objects of the same name first.
    func deltaPack(of objects: [PackObject], after command: Data) throws(DeployError)
        -> HTTPClientRequest.Body
    {
        do {
            let sink = SpooledBody(command)
            let workshop = try PackingRepository(sharing: store.database)
            let builder = try workshop.builder()
            for object in objects {
                var id = object.id.git
                try check(
                    "git_packbuilder_insert",
                    git_packbuilder_insert(builder.raw, &id, object.path?.description))
            }
            // The sink is passed unretained, for the length of the call.
            let status = withExtendedLifetime(sink) {
                git_packbuilder_foreach(
                    builder.raw, appendPackData, Unmanaged.passUnretained(sink).toOpaque())
            }
            try check("git_packbuilder_foreach", status)
            return try sink.body()
        } catch { throw DeployError(unpackable: error) }
    }

    /// The store's objects in a repository of its own, without the store's settings, which keep libgit2 from looking
    /// for differences.
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

/// Hands a piece of a pack on; what is not 0 ends the packing.
private func appendPackData(
    _ start: UnsafeMutableRawPointer?, _ size: Int, _ payload: UnsafeMutableRawPointer?
)
    -> Int32
{
    guard let payload else { return -1 }
    let sink = Unmanaged<SpooledBody>.fromOpaque(payload).takeUnretainedValue()
    do { try sink.write(UnsafeRawBufferPointer(start: start, count: size)) } catch { return -1 }
    return 0
}
