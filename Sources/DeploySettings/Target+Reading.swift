import DockerSyntax
import FrontMatter
import SpacesModel
import TextTools

extension Target {
    /// Merges the accepted settings of a Space: defaults first, then its own section, flags last.
    /// Lists accumulate, an empty value clears a setting, and the first flag of a list replaces the
    /// values of files.
    package static func read(
        _ space: SpaceID, defaults: [TrustedSetting], named: [TrustedSetting]
    ) -> (target: Target, problems: [SettingError]) {
        var accumulator = SettingAccumulator()
        for setting in defaults + named { accumulator.add(setting) }
        var target = Target(space: space)
        for key in SettingKey.all { accumulator.apply(key, to: &target) }
        let conflicts = (target.conflicts + target.historyErrors).map { error in
            var conflict = error
            conflict.isConflict = true
            return conflict
        }
        return (target, accumulator.errors + conflicts)
    }
}

/// An accumulator of the values of each key over all layers.
private struct SettingAccumulator {
    var values: [SettingKey: [TrustedSetting]] = [:]
    var errors: [SettingError] = []
    /// The operator's own `timeout`, which a settings file of a source can lower but not raise.
    var operatorTimeout: Duration?
    /// The maximum `timeout` in a source's settings file if the operator sets none.
    static let sourceTimeoutLimit = Duration.seconds(2 * 3600)

    mutating func add(_ setting: TrustedSetting) {
        let entry = setting.entry
        guard let key = SettingKey.named(entry.key) else {
            let similar = nearest(entry.key, among: SettingKey.all.map(\.name))
            // The value of a key that resembles `token` or `secret` may be a token.
            let isSecret =
                SecretName.matches(entry.key.utf8) || nearest(entry.key, among: ["token", "secret"]) != nil
            return errors.append(
                SettingError(
                    setting.origin, line: entry.line, key: entry.key,
                    value: isSecret ? nil : entry.value?.redactingURLs, "is no key of [space]",
                    hint: OperatorSettings.isKey(entry.key)
                        ? "write it into [spacesync]" : similar.map { "did you mean \($0)?" }))
        }
        if let value = entry.value, value.unicodeScalars.contains(where: { $0.value < 32 || $0.value == 127 })
        {
            return report(setting, key.name, "holds a control character")
        }
        if key.name == "timeout", setting.trustLevel == .trusted {
            operatorTimeout = entry.value.flatMap { Duration(text: $0) }
        }
        if entry.value?.isEmpty == true { return values[key] = [] }
        guard key.kind == .list else { return values[key] = [setting] }
        let replaces = setting.isFlag && values[key]?.contains { $0.isFlag } != true
        values[key] = (replaces ? [] : values[key] ?? []) + [setting]
    }

    private mutating func report(
        _ setting: TrustedSetting, _ key: String, _ message: String, _ hint: String? = nil
    ) {
        // The invalid value of one of these keys may be a secret.
        let value =
            ["secret", "probeHeader", "notify"].contains(key) ? nil : setting.entry.value?.redactingURLs
        errors.append(
            SettingError(
                setting.origin, line: setting.entry.line, key: key, value: value, message, hint: hint))
    }

    mutating func apply(_ key: SettingKey, to target: inout Target) {
        for setting in values[key] ?? [] {
            guard setting.entry.value != nil || key.kind == .flag else {
                report(setting, key.name, "needs a value")
                continue
            }
            let value = clamped(key, setting.entry.value ?? "true", setting.trustLevel)
            if let error = target.set(key, to: value, from: setting.origin) {
                report(setting, key.name, error.message, error.hint)
            } else {
                target.resolvedSettings.append(
                    Target.ResolvedSetting(
                        key: key.name, value: key.isURL ? value.redactedURL : value.redactingUsers,
                        origin: setting.origin,
                        line: setting.entry.line))
            }
        }
    }
}

extension SettingAccumulator {
    /// Returns the value, with `timeout` clamped: a source's settings file must not make an
    /// unattended mirror pass or hook run longer than the operator allows.
    private func clamped(_ key: SettingKey, _ value: String, _ trustLevel: TrustLevel) -> String {
        guard key.name == "timeout", trustLevel == .untrusted, let requested = Duration(text: value) else {
            return value
        }
        let limit = operatorTimeout ?? Self.sourceTimeoutLimit
        return requested > limit ? limit.text(.setting) : value
    }
}

extension TrustedSetting {
    fileprivate var isFlag: Bool { if case .flag = origin { true } else { false } }
}

extension Target {
    struct ValueError {
        var message: String
        var hint: String?
    }

    /// Sets one key.
    /// - Returns: An error if the value is invalid.
    fileprivate mutating func set(_ key: SettingKey, to value: String, from origin: SettingOrigin)
        -> ValueError?
    {
        switch key.kind {
        case .flag: setFlag(key.name, value)
        case .duration: setDuration(value)
        case .choice(let choices): setChoice(key.name, value, choices)
        case .list: append(value, to: key.name, from: origin)
        case .text: setText(key.name, value, origin)
        }
    }

    /// Returns the Boolean that Git would read; `nil` if the value is not a Boolean.
    static func parseBool(_ value: String) -> Bool? {
        let booleans: [String: Bool] = [
            "true": true, "yes": true, "on": true, "1": true, "false": false, "no": false, "off": false,
            "0": false,
        ]
        return booleans[value.lowercased()]
    }

    private mutating func setFlag(_ name: String, _ value: String) -> ValueError? {
        guard let flag = Self.parseBool(value) else {
            return ValueError(message: "is neither true nor false")
        }
        switch name {
        case "create": create = flag
        case "wake": wake = flag
        case "pin": pin = flag
        case "rollbackOnFailure": rollbackOnFailure = flag
        default: manual = flag
        }
        return nil
    }

    private mutating func setDuration(_ value: String) -> ValueError? {
        guard let duration = Duration(text: value) else {
            return ValueError(message: "is no length of time", hint: "write 20m, 90s, 500ms or 1h30m")
        }
        timeout = duration
        return nil
    }

    private mutating func setChoice(_ name: String, _ value: String, _ choices: [String]) -> ValueError? {
        guard choices.contains(value) else {
            let hint = nearest(value, among: choices).map { "did you mean \($0)?" }
            return ValueError(message: "must be one of \(choices.joined(separator: ", "))", hint: hint)
        }
        switch name {
        case "sdk": sdk = value
        case "visibility": visibility = value
        case "rebuild": rebuild = true
        case "drift": drift = value
        case "template": template = Template(rawValue: value)
        case "history": history = value
        case "lfs": lfs = value
        default: trace = value
        }
        return nil
    }

    private mutating func append(_ value: String, to name: String, from origin: SettingOrigin) -> ValueError?
    {
        if ["include", "exclude", "keep"].contains(name), value.escapesRoot {
            return ValueError(
                message: "leads out of the tree", hint: "patterns are read from its top, without ..")
        }
        switch name {
        case "include": include.append(value)
        case "exclude": exclude.append(value)
        case "keep": keep.append(value)
        case "allowCredential": allowCredential.append(value)
        case "card": return appendCard(value)
        case "env": return appendEnv(value)
        case "probe", "probeHeader": return appendProbe(value, isHeader: name == "probeHeader", from: origin)
        case "variable", "secret": return setVariable(value, isSecret: name == "secret", from: origin)
        default:
            guard let mapping = Mapping(value) else {
                return ValueError(
                    message: "is no FROM:TO with paths inside the tree",
                    hint: "write hf/:/ or config.hf.yaml:config.yaml")
            }
            if name == "add" { adds.append(mapping) } else { maps.append(mapping) }
        }
        return nil
    }

    private mutating func appendProbe(_ value: String, isHeader: Bool, from origin: SettingOrigin)
        -> ValueError?
    {
        do throws(DeployError) {
            if isHeader {
                probeHeaders.append(try ProbeHeader(value, from: origin))
            } else {
                probes.append(try Probe(value))
            }
            return nil
        } catch {
            return ValueError(message: error.message, hint: error.hint)
        }
    }

    private mutating func appendCard(_ value: String) -> ValueError? {
        do {
            _ = try CardSetting(value)
            card.append(value)
            return nil
        } catch {
            return ValueError(message: "is no KEY: VALUE of a card", hint: "write card = app_port: 7860")
        }
    }

    private mutating func setText(_ name: String, _ value: String, _ origin: SettingOrigin) -> ValueError? {
        switch name {
        case "source": return setSource(value, origin)
        case "notify":
            let isAddress =
                value.hasPrefix("env:") || value.hasPrefix("https://") || value.hasPrefix("http://")
            guard isAddress else {
                return ValueError(
                    message: "is no URL", hint: "write https://…, or env:NAME to keep it out of the file")
            }
            notify = Sourced(value: value, origin: origin)
        case "branch":
            guard let mapping = BranchMapping(value) else {
                return ValueError(
                    message: "is no branch, tag or commit id",
                    hint: "write webai2hf:main; git rev-parse tells the id of what has no name")
            }
            (revision, spaceBranch) = (mapping.source, mapping.space)
        case "deleteLimit":
            guard let limit = DeleteLimit(value) else {
                return ValueError(message: "is neither a number nor a share", hint: "write 20 or 30%")
            }
            deleteLimit = limit
        case "root":
            guard let path = Path(tidy: value) else { return ValueError(message: "leads out of the source") }
            if let error = absolutePathError(value, path) { return error }
            root = path
        case "image", "command", "port": return setContainer(name, value)
        case "hardware", "sleepTime": return setHardware(name, value)
        default:
            guard let path = Path(tidy: value), !path.isRoot else {
                return ValueError(message: "is no path of a file inside the source")
            }
            if let error = absolutePathError(value, path) { return error }
            if name == "cardFile" { cardFile = path } else { dockerfile = path }
        }
        return nil
    }

    /// Sets the source. The URL is parsed here so that an invalid one fails before any request is sent.
    private mutating func setSource(_ value: String, _ origin: SettingOrigin) -> ValueError? {
        let hint = "use a path, https://host/owner/name, ssh://git@host/owner/name or git@host:owner/name"
        if let reason = SourceAddress(value).objection(isFromOutside: origin.isFromSource) {
            return ValueError(message: "is not a valid source: \(reason)", hint: hint)
        }
        source = Sourced(value: value, origin: origin)
        return nil
    }

    /// Returns an error for an absolute path, which cannot be inside the source.
    private func absolutePathError(_ value: String, _ path: Path) -> ValueError? {
        guard value.hasPrefix("/"), !path.isRoot else { return nil }
        return ValueError(
            message: "is an absolute path; paths are read from the source's top", hint: "write \(path)")
    }
}

extension String {
    /// Whether a pattern contains `..`, which never matches.
    fileprivate var escapesRoot: Bool { split(separator: "/").contains { $0 == ".." || $0 == "!.." } }
}
