/// Whether a store is to be folded. Every push and every fetch adds a pack, and more of them make every look-up slower.
enum RepackPolicy {
    /// Urgent where so many packs came while others used the store that it is better to do without.
    case none, due, urgent

    private static let (packs, manyPacks) = (20, 200)
    /// A store of this many bytes is folded when less than half of it is in its largest pack: the last folding left one
    /// pack, and much of what came since is no longer wanted.
    private static let large = 64 << 20

    /// - Parameter store: the bare repository.
    init(of store: String) {
        let files = PackFiles(in: store)
        let largest = files.largestFirst.first?.size ?? 0
        let isScattered = files.size > Self.large && files.size > 2 * largest
        self = files.count > Self.manyPacks ? .urgent : files.count > Self.packs || isScattered ? .due : .none
    }
}
