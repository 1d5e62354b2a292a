/// Decides whether a store is repacked. Every push and fetch adds a pack, and each additional pack
/// slows down lookups.
enum RepackPolicy {
    /// `urgent`: so many packs have accumulated while other processes used the store that a
    /// temporary store is faster.
    case none, due, urgent

    private static let (packs, manyPacks) = (20, 200)
    /// The size in bytes above which a store is repacked if its largest pack has less than half of
    /// it: repacking leaves one pack, and many of the objects added since are no longer needed.
    private static let large = 64 << 20

    /// - Parameter store: the path of the bare repository.
    init(of store: String) {
        let files = PackFiles(in: store)
        let largest = files.largestFirst.first?.size ?? 0
        let isScattered = files.size > Self.large && files.size > 2 * largest
        self = files.count > Self.manyPacks ? .urgent : files.count > Self.packs || isScattered ? .due : .none
    }
}
