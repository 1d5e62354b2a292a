import SpacesModel
import TextTools

/// The configuration of a Space: variables, secrets, hardware, sleep time.
extension Target {
    /// Sets a variable or secret; it replaces an earlier one with the same name.
    mutating func setVariable(_ value: String, isSecret: Bool, from origin: SettingOrigin) -> ValueError? {
        do throws(DeployError) {
            let variable = ConfiguredVariable(
                reference: try ValueReference(value, isSecret: isSecret), origin: origin)
            guard variable.reference.location != .standardInput else {
                return ValueError(
                    message: "is read from no standard input", hint: "write env:NAME or file:PATH")
            }
            func hasOtherName(_ other: ConfiguredVariable) -> Bool {
                other.reference.name != variable.reference.name
            }
            if isSecret {
                secrets = secrets.filter(hasOtherName) + [variable]
            } else {
                variables = variables.filter(hasOtherName) + [variable]
            }
            return nil
        } catch {
            return ValueError(message: error.message, hint: error.hint)
        }
    }

    mutating func setHardware(_ name: String, _ value: String) -> ValueError? {
        guard name == "sleepTime" else {
            let isFlavour = value.utf8.allSatisfy { $0.isWord || $0 == .dash }
            guard isFlavour else {
                return ValueError(
                    message: "is no flavour", hint: "spacesync hardware lists what the Hub offers")
            }
            hardware = value
            return nil
        }
        guard let time = SleepTime(value) else {
            return ValueError(message: "is no length of time", hint: "write 1h, 2d or never")
        }
        sleepTime = time
        return nil
    }

    /// Errors for names used by both a variable and a secret, which share one namespace on the Hub.
    var configurationErrors: [SettingError] {
        let names = Set(variables.map(\.reference.name))
        return secrets.filter { names.contains($0.reference.name) }.map { secret in
            SettingError(
                secret.origin, key: "secret", value: secret.reference.name, "is a variable, too",
                hint: "take one of them away; what everybody may read is a variable")
        }
    }
}
