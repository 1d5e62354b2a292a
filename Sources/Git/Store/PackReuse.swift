import SpacesModel

/// Objects that lie compressed in packs already, of which a push takes them as they are. Only worth its while where many
/// are sent: then what Git compressed once, and compared with all its likes, is not done again.
struct PackReuse {
    private let packs: [PackReader]
    private let sent: Set<ObjectID>

    /// Of packs that are looked through, the largest.
    private static let maxPacks = 8
    /// To learn where the objects of a pack end, all of it is sorted: a large pack is not opened for a few of them.
    private static let maxIndexRatio = 32
    private static let minObjects = 100

    /// - Parameters:
    ///   - directories: object directories.
    ///   - sent: all that is sent: what a difference stands on must be there, too.
    init(from directories: [String], sending sent: [ObjectID]) {
        self.sent = Set(sent.count < Self.minObjects ? [] : sent)
        let files = self.sent.isEmpty ? [] : directories.flatMap { PackFiles(packedIn: $0).largestFirst }
        packs = files.sorted { $0.size > $1.size }.prefix(Self.maxPacks).compactMap { file in
            guard let index = try? PackIndex(at: file.path + ".idx"),
                index.count <= sent.count * Self.maxIndexRatio
            else { return nil }
            return try? PackReader(at: file.path, by: index)
        }
    }

    /// An object as it lies in the first pack that has it; nil where it is in none, damaged, or a difference to what is
    /// not sent. A base is in the same pack, so it is taken from that or an earlier one: differences never go in a
    /// circle.
    func entry(_ id: ObjectID) -> PackReader.Entry? {
        guard let pack = packs.first(where: { $0.contains(id) }), let entry = try? pack.entry(id),
            entry.base.map(sent.contains) ?? true
        else { return nil }
        return entry
    }
}
