import SpacesModel
import TextTools

/// What a Space is besides its files.
extension Target {
    /// One of a name counts, the last one.
    mutating func setVariable(_ value: String, isSecret: Bool, from origin: SettingOrigin) -> ValueError? {
        do throws(DeployError) {
            let wanted = ConfiguredVariable(
                reference: try ValueReference(value, isSecret: isSecret), origin: origin)
            guard wanted.reference.location != .standardInput else {
                return ValueError(
                    message: "is read from no standard input", hint: "write env:NAME or file:PATH")
            }
            func isAnother(_ other: ConfiguredVariable) -> Bool {
                other.reference.name != wanted.reference.name
            }
            if isSecret {
                secrets = secrets.filter(isAnother) + [wanted]
            } else {
                variables = variables.filter(isAnother) + [wanted]
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

    /// The Hub has one name for both.
    var configurationErrors: [SettingError] {
        let names = Set(variables.map(\.reference.name))
        return secrets.filter { names.contains($0.reference.name) }.map { wanted in
            SettingError(
                wanted.origin, key: "secret", value: wanted.reference.name, "is a variable, too",
                hint: "take one of them away; what everybody may read is a variable")
        }
    }
}
