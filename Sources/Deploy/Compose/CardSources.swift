import DeploySettings
import FrontMatter

/// The cards that the Space's is made of, as they are read.
struct CardSources: Sendable {
    /// The source's README, as the new tree holds it.
    var source: [UInt8]?
    /// The `cardFile`.
    var file: [UInt8]?
    /// The Space's README.
    var space: [UInt8]?

    /// What the source and the settings say of a key, in the order of the composition.
    func declaredValue(_ key: String, _ target: Target) -> String? {
        let settings = target.card.compactMap { try? CardSetting($0) }
        if let setting = settings.last(where: { $0.key == key }) {
            return Card.read(Array("---\n\(key): \(setting.raw)\n---\n".utf8)).value(of: key)
        }
        if let value = Card.read(source ?? []).value(of: key) { return value }
        return file.flatMap { ReadmeComposer.cardFile($0).card.value(of: key) }
    }

    /// That, else what the Space's card completes.
    func value(of key: String, _ target: Target, completing completedKeys: [String]) -> String? {
        if let said = declaredValue(key, target) { return said }
        guard let space, completes(key, completedKeys) else { return nil }
        return Card.read(space).value(of: key)
    }

    /// Where ours is no card at all, the Space's is taken whole.
    private func completes(_ key: String, _ completedKeys: [String]) -> Bool {
        source == nil || (Card.read(source ?? []).keys.isEmpty && file == nil) || completedKeys.contains(key)
    }

    /// The kind of Space, as far as somebody says it.
    func sdk(_ target: Target, completing completedKeys: [String]) -> String? {
        target.sdk ?? value(of: "sdk", target, completing: completedKeys)
    }
}
