import SpacesModel
import TextTools

/// Reads the accepted settings of one Space into its target, by the rows of `SettingKey.all`.
///
/// Lists accumulate, an empty value clears a setting, and the first flag of a list replaces the values
/// of files.
struct TargetReader {
    private(set) var target: Target
    private(set) var errors: [SettingError] = []
    /// The settings that apply, by the name of their key.
    private var settings: [String: [TrustedSetting]] = [:]
    /// The operator's own values of keys with a limit, by the name of the key.
    private var operatorValues: [String: String] = [:]

    /// - Parameter settings: The defaults first, then those of the Space's own section, flags last.
    init(_ space: SpaceID, _ settings: [TrustedSetting]) {
        target = Target(space: space)
        for setting in settings { merge(setting) }
        for key in SettingKey.all {
            for setting in self.settings[key.name] ?? [] { write(setting, of: key) }
        }
        errors += (target.conflicts + target.historyErrors).map { error in
            var conflict = error
            conflict.isConflict = true
            return conflict
        }
    }

    private mutating func merge(_ setting: TrustedSetting) {
        guard let key = SettingKey.named(setting.entry.key) else {
            return errors.append(Self.unknownKeyError(setting))
        }
        let value = setting.entry.value
        if value?.unicodeScalars.contains(where: { $0.value < 32 || $0.value == 127 }) == true {
            return errors.append(Self.error(setting, key, InvalidValue("contains a control character")))
        }
        if key.limit != nil, setting.trustLevel == .trusted { operatorValues[key.name] = value }
        if value?.isEmpty == true {
            settings[key.name] = []
        } else if key.field.kind == .list {
            let replaces = setting.isFlag && settings[key.name]?.contains { $0.isFlag } != true
            settings[key.name] = (replaces ? [] : settings[key.name] ?? []) + [setting]
        } else {
            settings[key.name] = [setting]
        }
    }

    private mutating func write(_ setting: TrustedSetting, of key: SettingKey) {
        var value = setting.entry.value ?? "true"
        if let limit = key.limit, setting.trustLevel == .untrusted {
            value = limit(value, operatorValues[key.name])
        }
        do throws(InvalidValue) {
            guard setting.entry.value != nil || key.field.kind == .flag else {
                throw InvalidValue("requires a value")
            }
            try key.field.write(
                SettingInput(key: key.name, written: value, origin: setting.origin), &target)
        } catch {
            return errors.append(Self.error(setting, key, error))
        }
        target.resolvedSettings.append(
            Target.ResolvedSetting(
                key: key.name, value: key.isURL ? value.redactedURL : value.redactingUsers,
                origin: setting.origin, line: setting.entry.line))
    }

    private static func error(_ setting: TrustedSetting, _ key: SettingKey, _ reason: InvalidValue)
        -> SettingError
    {
        SettingError(
            setting.origin, line: setting.entry.line, key: key.name,
            value: key.confidentiality == .secret ? nil : setting.entry.value?.redactingURLs,
            reason.message, hint: reason.hint)
    }

    private static func unknownKeyError(_ setting: TrustedSetting) -> SettingError {
        let entry = setting.entry
        let similar = nearest(entry.key, among: SettingKey.all.map(\.name))
        // The value of a key that resembles `token` or `secret` may be a token.
        let isSecret =
            SecretName.matches(entry.key.utf8) || nearest(entry.key, among: ["token", "secret"]) != nil
        return SettingError(
            setting.origin, line: entry.line, key: entry.key,
            value: isSecret ? nil : entry.value?.redactingURLs, "unknown key in [space]",
            hint: OperatorSettings.isKey(entry.key)
                ? "set it in [spacesync]" : similar.map { "did you mean \($0)?" })
    }
}
