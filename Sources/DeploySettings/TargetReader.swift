import SpacesModel
import TextTools

/// Reads the accepted settings of one Space into its target, by the rows of `SettingKey.all`.
///
/// Lists accumulate, an empty value clears a setting, and the first flag of a list replaces the values
/// of files.
struct TargetReader {
    private(set) var target: Target
    private(set) var errors: [SettingError] = []

    /// - Parameter settings: The defaults first, then those of the Space's own section, flags last.
    init(_ space: SpaceID, _ settings: [TrustedSetting]) {
        target = Target(space: space)
        errors = settings.compactMap(Self.formError)
        let written = Dictionary(grouping: settings) { $0.isWellFormed ? $0.key?.name : nil }
        for key in SettingKey.all {
            let settings = written[key.name] ?? []
            var effective: [TrustedSetting] = []
            for setting in settings {
                let replaces =
                    key.field.kind != .list || setting.isFlag && !effective.contains { $0.isFlag }
                if replaces || setting.entry.value?.isEmpty == true { effective = [] }
                if setting.entry.value?.isEmpty != true { effective.append(setting) }
            }
            let operatorValue = settings.last { $0.trustLevel == .trusted }?.entry.value
            for setting in effective {
                var value = setting.entry.value ?? "true"
                if let limit = key.limit, setting.trustLevel == .untrusted {
                    value = limit(value, operatorValue)
                }
                do throws(InvalidValue) {
                    guard setting.entry.value != nil || key.field.kind == .flag else {
                        throw InvalidValue("requires a value")
                    }
                    try key.field.write(
                        SettingInput(key: key.name, written: value, origin: setting.origin), &target)
                    target.resolvedSettings.append(Target.ResolvedSetting(key, value, of: setting))
                } catch { errors.append(Self.error(setting, key, error)) }
            }
        }
        errors += (target.conflicts + target.historyErrors).map { $0.markedAsConflict }
    }

    /// Returns the error of a setting that has no row in the table, or an unprintable value.
    private static func formError(_ setting: TrustedSetting) -> SettingError? {
        guard let key = setting.key else { return unknownKeyError(setting) }
        return setting.isWellFormed
            ? nil : error(setting, key, InvalidValue("contains a control character"))
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

extension TrustedSetting {
    fileprivate var key: SettingKey? { SettingKey.named(entry.key) }

    /// Whether the value has no control characters.
    fileprivate var isWellFormed: Bool {
        entry.value?.unicodeScalars.contains { $0.value < 32 || $0.value == 127 } != true
    }
}

extension Target.ResolvedSetting {
    fileprivate init(_ key: SettingKey, _ value: String, of setting: TrustedSetting) {
        self.init(
            key: key.name, value: key.isURL ? value.redactedURL : value.redactingUsers,
            origin: setting.origin, line: setting.entry.line)
    }
}

extension SettingError {
    fileprivate var markedAsConflict: SettingError {
        var conflict = self
        conflict.isConflict = true
        return conflict
    }
}
