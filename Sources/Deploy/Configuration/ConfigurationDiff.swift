import SecretScanner
import SpacesModel

/// The difference between a Space's current configuration and the desired configuration of the
/// settings.
struct ConfigurationDiff {
    let desired: DesiredConfiguration
    let space: SpaceID
    /// The Hub's description of the Space; `nil` if the Space does not exist yet and is created with
    /// the desired configuration.
    let info: SpaceInfo?
    var variables: [String: String] = [:]
    /// The Space's secrets by name; `nil` if the token may not list them.
    var secrets: [String: SecretComparison]? = [:]
    var offers: [Hardware] = []
    /// Whether the deploy pushes a commit, so that the Space restarts in any case.
    var isPushing = false
    /// Whether variables and secrets that the settings do not name are removed (`--prune`).
    var prunes = false

    /// The changes in the order in which they are applied: a change to private first, any other change
    /// of visibility last.
    var changes: [ConfigurationChange] {
        let visibility = visibilityChange
        let becomesPrivate = visibility?.command == .setVisibility("private")
        return (becomesPrivate ? [visibility] : []).compactMap { $0 } + variableChanges + secretChanges
            + hardwareChanges
            + (becomesPrivate ? [] : [visibility]).compactMap { $0 }
    }

    /// The error for a name that is a variable on one side and a secret on the other, because the Hub
    /// does not run such a Space; `nil` if there is no such name.
    var collision: DeployError? {
        let newVariables = desired.variables.map(\.name).filter { secrets?[$0] != nil }
        let newSecrets = desired.secrets.filter(\.hasValue).map(\.name).filter { variables[$0] != nil }
        guard let name = newVariables.first ?? newSecrets.first else { return existingCollision }
        let (existingKind, desiredKind) =
            newVariables.isEmpty ? ("variable", "secret") : ("secret", "variable")
        return DeployError(
            .settings,
            "\(space) has a \(existingKind) \(name), but the settings have a \(desiredKind) with the same name",
            details: (newVariables + newSecrets).dropFirst().map { "the same applies to \($0)" },
            hint:
                "remove it from the settings, or from the Space: spacesync \(existingKind)s unset \(space) \(name)"
        )
    }

    /// The error for a name that is both a variable and a secret on the Space already: a push cannot
    /// fix that.
    private var existingCollision: DeployError? {
        let names = variables.keys.filter { secrets?[$0] != nil }.sorted()
        guard let name = names.first else { return nil }
        return DeployError(
            .settings,
            "\(names.joined(separator: ", ")) of \(space) is both a variable and a secret; the Hub does not run such a Space",
            hint: "remove one of them: spacesync variables unset \(space) \(name)")
    }

    private var variableChanges: [ConfigurationChange] {
        let declared = desired.variables.compactMap { variable -> ConfigurationChange? in
            let command = ConfigurationCommand.setVariable(variable.name, variable.value)
            let current = variables[variable.name],
                kind = variable.credential ?? CredentialScan.kind(of: variable.value)
            guard current != variable.value else { return nil }
            let why =
                (current.map { Self.shown($0, variable.credential) + " -> " } ?? "")
                + Self.shown(variable.value, variable.credential)
            return ConfigurationChange(
                .variable(variable.name), current == nil ? .added : .updated, why, command: command,
                costWarning: kind.map {
                    "it looks like \($0), and everyone who can see the Space can read its variables; use secret"
                })
        }
        guard !desired.variables.isEmpty else { return declared }
        let names = Set(desired.variables.map(\.name))
        return declared
            + variables.keys.filter { !names.contains($0) }.sorted().map { name in
                undeclared(.variable(name), .unsetVariable(name))
            }
    }

    private func undeclared(_ subject: ConfigurationChange.Subject, _ command: ConfigurationCommand)
        -> ConfigurationChange
    {
        prunes
            ? ConfigurationChange(subject, .removed, "not in the settings", command: command)
            : ConfigurationChange(subject, .kept, "not in the settings; to remove it, use --prune")
    }

    private var secretChanges: [ConfigurationChange] {
        guard let secrets else { return [] }
        let declared = desired.secrets.compactMap { change(of: $0, secrets[$0.name]) }
        guard !desired.secrets.isEmpty else { return declared }
        let names = Set(desired.secrets.map(\.name))
        return declared
            + secrets.keys.filter { !names.contains($0) }.sorted().map { name in
                undeclared(.secret(name), .unsetSecret(name))
            }
    }

    private func change(of desiredSecret: DesiredSecret, _ comparison: SecretComparison?)
        -> ConfigurationChange?
    {
        guard desiredSecret.hasValue else { return nil }
        let (subject, command) = (
            ConfigurationChange.Subject.secret(desiredSecret.name),
            ConfigurationCommand.setSecret(desiredSecret.name)
        )
        switch comparison {
        case nil:
            return ConfigurationChange(subject, .added, "from \(desiredSecret.location)", command: command)
        case .same: return nil
        case .different:
            return ConfigurationChange(
                subject, .updated, "\(desiredSecret.location) has another value", command: command)
        case .unknown where isPushing:
            return ConfigurationChange(
                subject, .updated,
                "from \(desiredSecret.location); it is unknown whether the value differs",
                command: command)
        case .unknown:
            return ConfigurationChange(
                subject, .kept,
                "it is unknown whether \(desiredSecret.location) has another value; to set it: "
                    + "spacesync secrets set \(space) \(desiredSecret.name)")
        }
    }

    private static func shown(_ value: String, _ credential: String?) -> String {
        if let kind = credential ?? CredentialScan.kind(of: value) { return "(\(kind))" }
        let line = value.split(separator: "\n", omittingEmptySubsequences: false).first ?? ""
        return line.count > 40 || line.count < value.count
            ? "\(line.prefix(40))…" : value.isEmpty ? "\"\"" : value
    }
}

/// Changes of hardware, sleep time and visibility.
extension ConfigurationDiff {
    var hardwareChanges: [ConfigurationChange] {
        let runtime = info?.runtime
        let currentHardware = runtime?.requestedHardware ?? runtime?.hardware
        let hardware = desired.hardware.flatMap {
            $0 == (currentHardware ?? (info == nil ? "cpu-basic" : nil)) ? nil : $0
        }
        let sleepTime = desired.sleepTime
        guard let hardware else {
            return [
                sleepTime.flatMap {
                    sleepChange($0, on: currentHardware ?? desired.hardware, from: runtime?.sleepTime)
                }
            ]
            .compactMap { $0 }
        }
        var change = ConfigurationChange(
            .hardware, currentHardware == nil ? .added : .updated,
            (currentHardware.map { "\($0) -> \(hardware)" } ?? hardware)
                + (sleepTime.map {
                    hardware == "cpu-basic" ? ", which ignores sleepTime" : ", sleepTime \($0)"
                }
                    ?? ""),
            command: .setHardware(hardware, sleepTime))
        let (before, after) = (price(of: currentHardware)?.dollarsPerHour ?? 0, price(of: hardware))
        // A price that the Hub does not report may be higher.
        if after.map({ $0.dollarsPerHour > before }) ?? true {
            change.costWarning =
                after.map { "\(hardware) costs \($0.cost(hours: 1)) an hour while it runs" }
                ?? "the Hub does not report the price of \(hardware)"
        }
        return [change]
    }

    private func sleepChange(_ desiredSleepTime: SleepTime, on hardware: String?, from current: SleepTime?)
        -> ConfigurationChange?
    {
        guard desiredSleepTime != current else { return nil }
        guard hardware ?? "cpu-basic" != "cpu-basic" else {
            return ConfigurationChange(
                .sleepTime, .kept, "cpu-basic always sleeps after 2d without a visit")
        }
        let why = current.map { "\($0) -> \(desiredSleepTime)" } ?? desiredSleepTime.description
        var change = ConfigurationChange(.sleepTime, .updated, why, command: .setSleepTime(desiredSleepTime))
        if desiredSleepTime.staysAwake(after: current), let price = price(of: hardware), !price.isFree {
            let behavior =
                desiredSleepTime == .never ? "never sleeps" : "sleeps only after \(desiredSleepTime)"
            change.costWarning = "a Space that \(behavior) costs \(price.cost(hours: 1)) every hour"
        }
        return change
    }

    private func price(of hardware: String?) -> Price? {
        hardware.flatMap { name in offers.first { $0.name == name }?.price }
    }

    var visibilityChange: ConfigurationChange? {
        guard let visibility = desired.visibility, let info else { return nil }
        let current = info.visibility ?? (info.isPrivate ? "private" : "public")
        guard visibility != current else { return nil }
        guard info.visibility != nil || visibility != "protected" || current != "public" else {
            return ConfigurationChange(
                .visibility, .kept,
                "the Hub does not report whether it is protected; to set it: "
                    + "spacesync visibility \(space) protected")
        }
        var change = ConfigurationChange(
            .visibility, .updated, "\(current) -> \(visibility)", command: .setVisibility(visibility))
        switch (current, visibility) {
        case (_, "public"): change.costWarning = "everyone can see the app and its files"
        case ("private", _): change.costWarning = "everyone can see the app"
        default: break
        }
        return change
    }
}
