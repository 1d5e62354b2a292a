import DeploySettings
import GitPatterns
import SpacesModel
import TextTools

/// What a deploy derives from the settings of its target.
extension Target {
    /// Returns which setting put a key into the card: `set by --sdk`, `set by sdk`, `set by card`.
    func reason(forCard key: String) -> String {
        let setting = key == "sdk" && sdk != nil ? "sdk" : "card"
        let origin = resolvedSettings.last { value in
            value.key == setting && (setting == "sdk" || value.value.hasPrefix(key))
        }?.origin
        guard case .flag(let flag)? = origin else { return "set by \(setting)" }
        return "set by " + (flag == "-c" ? "-c \(setting)" : flag)
    }

    /// A fingerprint of the effective settings that shape the tree: FNV-1a, 64 bits.
    package var settingsHash: String {
        let text = resolvedSettings.map { "\($0.key)=\($0.value)\n" }.joined()
        return text.utf8.fingerprint
    }

    /// Returns the target with settings that deploy the whole tree of a commit unchanged, because that
    /// tree already runs on another Space as it is.
    package func deployingAsIs(_ commit: ObjectID) -> Target {
        var target = self
        target.revision = commit.description
        (target.root, target.include, target.maps, target.adds) = (.root, [], [], [])
        target.exclude = Selection.defaultExcludes.map { "!" + $0 }
        (target.sdk, target.dockerfile, target.image, target.template) = (nil, nil, nil, nil)
        (target.env, target.command, target.port, target.card, target.cardFile) = ([], nil, nil, [], nil)
        target.history = "snapshot"
        return target
    }
}

extension Target.ResolvedSetting {
    /// The name in a value of the form `NAME=value`.
    var name: Substring { value.prefix { $0 != "=" } }
}
