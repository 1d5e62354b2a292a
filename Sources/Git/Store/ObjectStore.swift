import GitPatterns
import SpacesModel
import TextTools

/// The combined object database of a deploy: the Space's cached and fetched objects, the sources'
/// objects, and the objects written in this run, which stay in memory until they are pushed.
package actor ObjectStore: ObjectDatabase {
    let executor: GitExecutor
    var store: Store
    var storeDirectory: StoreDirectory
    /// The temporary store for new packs if the cache is full; otherwise `nil`.
    var overflow: OverflowStore?
    var attachedOverflow: Set<String> = []
    let sources: [AlternateObjects]
    /// The packs that libgit2 has loaded; it looks for new ones only when refreshed.
    private var packs: PackTimestamps?
    var treeCache = TreeCache()
    var measure = TreeMeasure()
    let pointers: LFSPointerCache

    package nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    init(
        _ claimed: consuming StoreDirectory, joining sources: [AlternateObjects],
        remembering pointers: LFSPointerCache,
        on executor: GitExecutor
    ) throws(DeployError) {
        self.executor = executor
        (self.sources, self.pointers) = (sources, pointers)
        var directory = claimed
        self.store = try Self.opened(&directory, joining: sources)
        self.storeDirectory = directory
    }

    /// Opens the store. Recreates a damaged one, in a temporary directory if another process is
    /// using it.
    private static func opened(
        _ storeDirectory: inout StoreDirectory, joining sources: [AlternateObjects]
    ) throws(DeployError) -> Store {
        if let store = try? Store.open(at: storeDirectory.path, joining: sources) { return store }
        if !storeDirectory.clear() { storeDirectory = try StoreDirectory.temporary() }
        do throws(GitError) { return try Store.open(at: storeDirectory.path, joining: sources) } catch {
            if let diskError = DiskError(error, in: storeDirectory.directory) {
                guard !storeDirectory.isTemporary else { throw diskError.failure(.temporary) }
                FullCaches.record(diskError)
                storeDirectory = try StoreDirectory.temporary()
                return try opened(&storeDirectory, joining: sources)
            }
            throw DeployError(
                .internalError, "the cache at \(storeDirectory.path) cannot be used", details: [error.message]
            )
        }
    }

    /// Recreates the store after damage was found. Objects that were written in this run are lost,
    /// too.
    func startOver() throws(DeployError) {
        if !storeDirectory.clear() { storeDirectory = try StoreDirectory.temporary() }
        overflow = nil
        attachedOverflow = []
        store = try Self.opened(&storeDirectory, joining: sources)
        treeCache = TreeCache()
        measure = TreeMeasure()
    }

    package func entries(of tree: ObjectID) throws(DeployError) -> [TreeEntry] {
        attachOverflow()
        if let cached = treeCache[tree] { return cached }
        do throws(GitError) {
            let object = try store.database.borrow(tree, as: .tree)
            let (entries, isOdd) = try TreeCodec.read(Array(object.bytes), of: tree)
            treeCache.insertRead(entries, of: tree, isOdd: isOdd)
            return entries
        } catch { throw unreadable(tree, error) }
    }

    package func content(of blob: ObjectID) throws(DeployError) -> [UInt8] {
        let size = try size(of: blob)
        guard size <= Self.inMemoryLimit else {
            throw DeployError(
                .source, "object \(blob) is too large to be read as text: it has \(size.asSize)",
                details: ["the limit is \(Self.inMemoryLimit.asSize)"], hint: nil)
        }
        do throws(GitError) { return try store.database.read(blob).bytes } catch {
            throw unreadable(blob, error)
        }
    }

    package func readBlobs(of blobs: ArraySlice<ObjectID>, maxSize: Int, budget: Int) throws(DeployError)
        -> [BlobContent]
    {
        var (read, remaining): ([BlobContent], Int) = ([], budget)
        for id in blobs {
            let size = try size(of: id)
            let cost = size <= maxSize ? size : 0
            guard read.isEmpty || cost <= remaining else { break }
            read.append(BlobContent(size: size, bytes: size <= maxSize ? try content(of: id) : nil))
            remaining -= cost
        }
        return read
    }

    package func size(of blob: ObjectID) throws(DeployError) -> Int {
        attachOverflow()
        do throws(GitError) { return try store.database.size(of: blob) } catch {
            throw unreadable(blob, error)
        }
    }

    package func contains(_ id: ObjectID) -> Bool {
        attachOverflow()
        if store.database.contains(id) { return true }
        let current = PackTimestamps(of: directories)
        guard current != packs else { return false }
        packs = current
        store.database.refresh()
        return store.database.contains(id)
    }

    var directories: [String] {
        let objectDirectories = [store.path + "/objects"] + sources.flatMap(\.directories)
        return objectDirectories + objectDirectories.flatMap(FullCaches.overflowDirectories)
    }

    /// Returns this store's own objects, to be added to another store.
    func asAlternate(named name: String) -> AlternateObjects {
        let objectDirectory = store.path + "/objects"
        return AlternateObjects(
            directories: [objectDirectory] + FullCaches.overflowDirectories(of: objectDirectory), path: name)
    }

    package func commit(_ id: ObjectID) throws(DeployError) -> Commit {
        attachOverflow()
        do throws(GitError) { return try store.database.commit(id) } catch { throw unreadable(id, error) }
    }

    /// Returns the error for an object that cannot be read, with a hint how to get it.
    func unreadable(_ id: ObjectID, _ error: GitError) -> DeployError {
        guard error.isMissing else { return damaged(id, [error.message]) }
        if let partial = sources.first(where: \.isPartialClone) {
            return DeployError(
                .source, "object \(id) is not in \(partial.path), which is a partial clone",
                hint:
                    "fetch the missing objects: git -C \(partial.path.shellQuoted) fetch --refetch --no-filter origin"
            )
        }
        let paths = sources.map(\.path).joined(separator: ", ")
        return DeployError(
            .source, "object \(id) is missing" + (paths.isEmpty ? "" : " in \(paths)"),
            hint: sources.first.map { "check the repository: git -C \($0.path.shellQuoted) fsck" })
    }

    private func damaged(_ id: ObjectID, _ details: [String]) -> DeployError {
        DeployError(.source, "object \(id) cannot be read", details: details, hint: nil)
    }

    // `async` without `await`: a call from an async context would otherwise choose the protocol's
    // default implementation.
    package func exceededLimit(of tree: ObjectID) async throws(DeployError) -> TreeLimitError? {
        do throws(DeployError) {
            return try measure.exceededLimit(of: tree) { (id) throws(DeployError) in
                treeCache[id] != nil || store.database.contains(id) ? try entries(of: id) : nil
            }
        } catch {
            let path = measure.path
            guard !path.isRoot else { throw error }
            throw damaged(tree, ["at \(path.shown)"] + error.details)
        }
    }

    package func isNonCanonical(_ tree: ObjectID) async throws(DeployError) -> Bool {
        _ = try entries(of: tree)
        return treeCache.nonCanonical.contains(tree)
    }

    package var hasNonCanonicalTrees: Bool { get async { !treeCache.nonCanonical.isEmpty } }
    package var hasSubmodules: Bool { get async { !treeCache.withSubmodules.isEmpty } }

    package func write(blob: [UInt8]) throws(DeployError) -> ObjectID {
        try write(RawObject(type: .blob, bytes: blob))
    }

    package func write(tree: [TreeEntry]) throws(DeployError) -> ObjectID {
        try Self.examine(tree)
        let entries = TreeCodec.sorted(tree)
        let bytes = TreeCodec.bytes(of: entries)
        let id = try write(RawObject(type: .tree, bytes: bytes))
        // Reading a tree that is over the limit must fail.
        if ObjectLimit.violation(.tree, size: bytes.count) == nil { treeCache.insert(entries, of: id) }
        return id
    }

    package func write(commit: CommitDraft) throws(DeployError) -> ObjectID {
        try write(RawObject(type: .commit, bytes: CommitCodec.bytes(of: commit)))
    }

    private func write(_ object: RawObject) throws(DeployError) -> ObjectID {
        do throws(GitError) { return try store.database.write(object) } catch {
            throw DeployError(
                .internalError, "a \(object.type) could not be written in memory", details: [error.message])
        }
    }

    private static func examine(_ entries: [TreeEntry]) throws(DeployError) {
        var seen: Set<Path> = []
        for entry in entries {
            let isNew = seen.insert(entry.name).inserted
            let problem = GitPathValidator.problem(with: entry.name, entry.kind)
            guard let problem = isNew ? problem : "occurs twice" else { continue }
            throw DeployError(
                .refused, "a name in the tree \(problem): \(entry.name.shown)",
                hint: "rename it, or exclude it: exclude = \(entry.name.pattern.dropFirst())")
        }
    }
}
