import DeploySettings
import FrontMatter

/// The cards that the Space's card is composed from.
struct CardSources: Sendable {
    /// The README of the source, as it is in the new tree.
    var source: [UInt8]?
    /// The content of `cardFile`.
    var file: [UInt8]?
    /// The README of the Space.
    var space: [UInt8]?

    /// Returns the value of a key in the `card` setting, the source's README or `cardFile`, in that
    /// order; `nil` if none of them has the key.
    func declaredValue(_ key: String, _ target: Target) -> String? {
        let settings = target.card.compactMap { try? CardSetting($0) }
        if let setting = settings.last(where: { $0.key == key }) {
            return Card.read(Array("---\n\(key): \(setting.raw)\n---\n".utf8)).value(of: key)
        }
        if let value = Card.read(source ?? []).value(of: key) { return value }
        return file.flatMap { ReadmeComposer.cardFile($0).card.value(of: key) }
    }

    /// Returns the declared value of a key, or else the Space's value if the Space's card completes
    /// the key.
    func value(of key: String, _ target: Target, completing completedKeys: [String]) -> String? {
        if let declared = declaredValue(key, target) { return declared }
        guard let space, completes(key, completedKeys) else { return nil }
        return Card.read(space).value(of: key)
    }

    /// Whether the Space's card completes a key: all keys if the source has no card.
    private func completes(_ key: String, _ completedKeys: [String]) -> Bool {
        source == nil || (Card.read(source ?? []).keys.isEmpty && file == nil) || completedKeys.contains(key)
    }

    /// Returns the kind of Space; `nil` if no setting or card names it.
    func sdk(_ target: Target, completing completedKeys: [String]) -> String? {
        target.sdk ?? value(of: "sdk", target, completing: completedKeys)
    }
}
