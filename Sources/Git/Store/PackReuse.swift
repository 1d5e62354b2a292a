import SpacesModel

/// Reuses the packed form of objects in existing packs for a push. Only used for many objects,
/// where it saves repeating Git's compression and delta search.
struct PackReuse {
    private let packs: [PackReader]
    private let sent: Set<ObjectID>

    /// The maximum number of packs to search, largest first.
    private static let maxPacks = 8
    /// The maximum ratio of a pack's objects to the objects sent. A pack's offsets must all be
    /// sorted to find where objects end, so a large pack is not opened for a few objects.
    private static let maxIndexRatio = 32
    private static let minObjects = 100

    /// - Parameters:
    ///   - directories: object directories.
    ///   - sent: all objects of the push; a delta is reused only if its base is among them.
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

    /// Returns an object's entry in the first pack that has it; `nil` if no pack has it, it is
    /// damaged, or it is a delta to an object that is not sent. A base is in the same pack and
    /// therefore taken from that or an earlier one, so deltas cannot form a cycle.
    func entry(_ id: ObjectID) -> PackReader.Entry? {
        guard let pack = packs.first(where: { $0.contains(id) }), let entry = try? pack.entry(id),
            entry.base.map(sent.contains) ?? true
        else { return nil }
        return entry
    }
}
