import SpacesModel
import TextTools

/// All the objects of one deploy as one: the Space's as far as the cache or a fetch has them, the sources', and those
/// written in this run, which stay in memory until they are pushed.
package actor ObjectStore: ObjectStoring {
    let executor: GitExecutor
    var store: Store
    var place: StorePlace
    /// Where new packs are written when the cache is full.
    var spare: SpareStore?
    var joinedSpares: Set<String> = []
    let sources: [JoinedObjects]
    /// As libgit2 knows them: it looks for new packs only when told.
    private var packs: PackDates?
    var shelf = TreeShelf()
    var measure = TreeMeasure()
    let pointers: PointerMemory

    package nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    init(
        _ claimed: consuming StorePlace, joining sources: [JoinedObjects],
        remembering pointers: PointerMemory,
        on executor: GitExecutor
    ) throws(Failure) {
        self.executor = executor
        (self.sources, self.pointers) = (sources, pointers)
        var place = claimed
        self.store = try Self.opened(&place, joining: sources)
        self.place = place
    }

    /// Opens the store; a damaged one is started over, in a temporary place if another process is using it.
    private static func opened(
        _ place: inout StorePlace, joining sources: [JoinedObjects]
    ) throws(Failure) -> Store {
        if let store = try? Store.open(at: place.path, joining: sources) { return store }
        if !place.clear() { place = try StorePlace.temporary() }
        do throws(GitError) { return try Store.open(at: place.path, joining: sources) } catch {
            if let fault = DiskFault(error, in: place.directory) {
                guard !place.isTemporary else { throw fault.failure(.temporary) }
                FullCaches.note(fault)
                place = try StorePlace.temporary()
                return try opened(&place, joining: sources)
            }
            throw Failure(
                .internalFault, "the cache at \(place.path) cannot be used", details: [error.message])
        }
    }

    /// Forgets what is stored, written objects too: what was read of the Space is damaged.
    func startOver() throws(Failure) {
        if !place.clear() { place = try StorePlace.temporary() }
        spare = nil
        joinedSpares = []
        store = try Self.opened(&place, joining: sources)
        shelf = TreeShelf()
        measure = TreeMeasure()
    }

    package func entries(of tree: ObjectID) throws(Failure) -> [TreeEntry] {
        joinSpares()
        do throws(GitError) { return try shelf.entries(of: tree, in: store.database) } catch {
            throw unreadable(tree, error)
        }
    }

    package func content(of blob: ObjectID) throws(Failure) -> [UInt8] {
        let size = try size(of: blob)
        guard size <= Self.wholeLimit else {
            throw Failure(
                .source, "object \(blob) is too large to be read as text: it has \(size.asSize)",
                details: ["at most \(Self.wholeLimit.asSize) are read as a whole"], hint: nil)
        }
        do throws(GitError) { return try store.database.read(blob).bytes } catch {
            throw unreadable(blob, error)
        }
    }

    package func first(of blobs: ArraySlice<ObjectID>, largest: Int, budget: Int) throws(Failure)
        -> [StoredBlob]
    {
        var (read, left): ([StoredBlob], Int) = ([], budget)
        for id in blobs {
            let size = try size(of: id)
            let cost = size <= largest ? size : 0
            guard read.isEmpty || cost <= left else { break }
            read.append(StoredBlob(size: size, bytes: size <= largest ? try content(of: id) : nil))
            left -= cost
        }
        return read
    }

    package func size(of blob: ObjectID) throws(Failure) -> Int {
        joinSpares()
        do throws(GitError) { return try store.database.size(of: blob) } catch {
            throw unreadable(blob, error)
        }
    }

    package func holds(_ id: ObjectID) -> Bool {
        joinSpares()
        if store.database.holds(id) { return true }
        let now = PackDates(of: directories)
        guard now != packs else { return false }
        packs = now
        store.database.refresh()
        return store.database.holds(id)
    }

    var directories: [String] {
        let own = [store.path + "/objects"] + sources.flatMap(\.directories)
        return own + own.flatMap(FullCaches.spares)
    }

    /// This store's own objects, to be joined to another's.
    func asJoined(named name: String) -> JoinedObjects {
        let own = store.path + "/objects"
        return JoinedObjects(directories: [own] + FullCaches.spares(of: own), path: name)
    }

    package func commit(_ id: ObjectID) throws(Failure) -> Commit {
        joinSpares()
        do throws(GitError) { return try store.database.commit(id) } catch { throw unreadable(id, error) }
    }

    /// Why an object cannot be read, and what brings it.
    func unreadable(_ id: ObjectID, _ error: GitError) -> Failure {
        guard error.isMissing else {
            return Failure(.source, "object \(id) cannot be read", details: [error.message], hint: nil)
        }
        if let partial = sources.first(where: \.isPartialClone) {
            return Failure(
                .source, "object \(id) is not in \(partial.path), which is a partial clone",
                hint:
                    "fetch what it left out: git -C \(partial.path.shellQuoted) fetch --refetch --no-filter origin"
            )
        }
        let places = sources.map(\.path).joined(separator: ", ")
        return Failure(
            .source, "object \(id) is missing" + (places.isEmpty ? "" : " in \(places)"),
            hint: sources.first.map { "see what Git says of it: git -C \($0.path.shellQuoted) fsck" })
    }
}
