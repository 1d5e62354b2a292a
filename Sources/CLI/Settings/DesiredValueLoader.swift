import DeploySettings
import HTTP
import SecretScanner
import SpacesModel
import TextTools

/// Loads the desired configuration of a target's Space: variables and secrets with their values,
/// hardware and visibility.
struct DesiredValueLoader: Sendable {
    private(set) var desired = DesiredConfiguration()
    /// The secret values, by name.
    private(set) var secrets: [String: Secret] = [:]

    /// - Parameter base: the directory to which relative paths of a setting are resolved.
    /// - Throws: kind `settings`, with all missing values at once.
    init(
        of target: Target, _ reader: ValueReader, base: (SettingOrigin) -> String?
    ) async throws(DeployError) {
        (desired.hardware, desired.sleepTime) = (target.hardware, target.sleepTime)
        desired.visibility = target.visibility
        var missing: [SettingError] = []
        // Variables are public, so their values are not read from private files: this reader does
        // not warn about file permissions.
        let variableReader = ValueReader(reader.environment)
        for variable in target.variables {
            let reference = variable.reference
            if let value = try await variableReader.value(of: reference, from: base(variable.origin)) {
                let text = value.reveal()
                let credential = CredentialScan.kind(
                    of: text, named: reference.location.names(of: reference.name))
                desired.variables.append(
                    DesiredConfiguration.Variable(reference.name, text, credential: credential))
            } else if !reference.isOptional {
                missing.append(
                    SettingError(
                        variable.origin, key: "variable", value: reference.name,
                        "has no value: \(reference.locationDescription) is not there",
                        hint: "set it, or write variable = \(reference.name)? if the app runs without it"))
            }
        }
        guard missing.isEmpty else { throw .settings(missing) }
        for secret in target.secrets {
            let reference = secret.reference,
                value = try await reader.value(of: reference, from: base(secret.origin))
            secrets[reference.name] = value
            desired.secrets.append(
                DesiredSecret(
                    reference.name, location: reference.locationDescription, isOptional: reference.isOptional,
                    hasValue: value != nil)
            )
        }
    }
}

extension ValueReference {
    /// The location of the value, for messages.
    var locationDescription: String {
        switch location {
        case .literal: "the settings"
        case .environment(let name): "\(name) of the environment"
        case .file(let path): "the file \(path.withoutTokens)"
        case .standardInput: "standard input"
        }
    }
}
