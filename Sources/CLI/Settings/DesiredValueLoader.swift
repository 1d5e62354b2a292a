import DeploySettings
import HTTP
import SecretScanner
import SpacesModel
import TextTools

/// What a target's settings want of its Space, with the values that are in reach.
struct DesiredValueLoader: Sendable {
    private(set) var desired = DesiredConfiguration()
    /// By name.
    private(set) var secrets: [String: Secret] = [:]

    /// - Parameter base: what a relative path of a setting is relative to.
    /// - Throws: kind `settings`, with all that is missing at once.
    init(
        of target: Target, _ reader: ValueReader, base: (SettingOrigin) -> String?
    ) async throws(DeployError) {
        (desired.hardware, desired.sleepTime) = (target.hardware, target.sleepTime)
        desired.visibility = target.visibility
        var missing: [SettingError] = []
        // What everybody may read needs no private file.
        let plain = ValueReader(reader.environment)
        for wanted in target.variables {
            let named = wanted.reference
            if let value = try await plain.value(of: named, from: base(wanted.origin)) {
                let text = value.reveal()
                let credential = CredentialScan.kind(of: text, named: named.location.names(of: named.name))
                desired.variables.append(
                    DesiredConfiguration.Variable(named.name, text, credential: credential))
            } else if !named.isOptional {
                missing.append(
                    SettingError(
                        wanted.origin, key: "variable", value: named.name,
                        "has no value: \(named.locationDescription) is not there",
                        hint: "set it, or write variable = \(named.name)? if the app runs without it"))
            }
        }
        guard missing.isEmpty else { throw .settings(missing) }
        for wanted in target.secrets {
            let named = wanted.reference, value = try await reader.value(of: named, from: base(wanted.origin))
            secrets[named.name] = value
            desired.secrets.append(
                DesiredSecret(
                    named.name, location: named.locationDescription, isOptional: named.isOptional,
                    hasValue: value != nil)
            )
        }
    }
}

extension ValueReference {
    /// Where its value is looked for, for people.
    var locationDescription: String {
        switch location {
        case .literal: "the settings"
        case .environment(let name): "\(name) of the environment"
        case .file(let path): "the file \(path.withoutTokens)"
        case .standardInput: "standard input"
        }
    }
}
