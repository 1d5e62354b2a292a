import DeploySettings
import HTTP
import SecretScanner
import SpacesModel
import TextTools

/// What a target's settings want of its Space, with the values that are in reach.
struct WishedValues: Sendable {
    private(set) var wishes = Wishes()
    /// By name.
    private(set) var secrets: [String: Secret] = [:]

    /// - Parameter base: what a relative path of a setting is relative to.
    /// - Throws: kind `settings`, with all that is missing at once.
    init(
        of target: Target, _ reader: ValueReader, base: (SettingOrigin) -> String?
    ) async throws(Failure) {
        (wishes.hardware, wishes.sleepTime) = (target.hardware, target.sleepTime)
        wishes.visibility = target.visibility
        var missing: [Problem] = []
        // What everybody may read needs no private file.
        let plain = ValueReader(reader.world)
        for wanted in target.variables {
            let named = wanted.named
            if let value = try await plain.value(of: named, from: base(wanted.origin)) {
                let text = value.reveal()
                let credential = CredentialValue.kind(of: text, named: named.place.names(of: named.name))
                wishes.variables.append(Wishes.Variable(named.name, text, credential: credential))
            } else if !named.isOptional {
                missing.append(
                    Problem(
                        wanted.origin, key: "variable", value: named.name,
                        "has no value: \(named.placeText) is not there",
                        hint: "set it, or write variable = \(named.name)? if the app runs without it"))
            }
        }
        guard missing.isEmpty else { throw .settings(missing) }
        for wanted in target.secrets {
            let named = wanted.named, value = try await reader.value(of: named, from: base(wanted.origin))
            secrets[named.name] = value
            wishes.secrets.append(
                SecretWish(
                    named.name, place: named.placeText, isOptional: named.isOptional, isInReach: value != nil)
            )
        }
    }
}

extension NamedValue {
    /// Where its value is looked for, for people.
    var placeText: String {
        switch place {
        case .literal: "the settings"
        case .environment(let name): "\(name) of the environment"
        case .file(let path): "the file \(path.withoutTokens)"
        case .input: "standard input"
        }
    }
}
