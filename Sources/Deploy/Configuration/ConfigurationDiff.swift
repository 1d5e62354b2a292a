import SecretScanner
import SpacesModel

/// Compares what a Space is with what the settings want it to be.
struct ConfigurationDiff {
    let desired: DesiredConfiguration
    let space: SpaceID
    /// nil: the Space is still to be made, with all that is wished for.
    let info: SpaceInfo?
    var variables: [String: String] = [:]
    /// nil: they cannot be looked at.
    var secrets: [String: SecretComparison]? = [:]
    var offers: [Hardware] = []
    /// Something is pushed, so that the Space begins anew whatever is set.
    var isPushing = false
    /// What the settings do not name goes.
    var prunes = false

    /// In the order in which they are best carried out: what hides first, what shows last.
    var changes: [ConfigurationChange] {
        let seen = visibilityChange
        let hides = seen?.command == .setVisibility("private")
        return (hides ? [seen] : []).compactMap { $0 } + variableChanges + secretChanges + hardwareChanges
            + (hides ? [] : [seen]).compactMap { $0 }
    }

    /// A name that is a variable on one side and a secret on the other: the Hub runs no such Space.
    var collision: DeployError? {
        let open = desired.variables.map(\.name).filter { secrets?[$0] != nil }
        let hidden = desired.secrets.filter(\.hasValue).map(\.name).filter { variables[$0] != nil }
        guard let name = open.first ?? hidden.first else { return existingCollision }
        let (now, wish) = open.isEmpty ? ("variable", "secret") : ("secret", "variable")
        return DeployError(
            .settings, "\(space) has a \(now) \(name), and the settings want a \(wish) of that name",
            details: (open + hidden).dropFirst().map { "the same of \($0)" },
            hint:
                "one name is one of them: spacesync \(now)s unset \(space) \(name), or take it out of the settings"
        )
    }

    /// Whoever made it, no push mends it.
    private var existingCollision: DeployError? {
        let both = variables.keys.filter { secrets?[$0] != nil }.sorted()
        guard let name = both.first else { return nil }
        return DeployError(
            .settings,
            "\(both.joined(separator: ", ")) of \(space) is a variable and a secret, and the Hub runs no such Space",
            hint: "unset one of them: spacesync variables unset \(space) \(name)")
    }

    private var variableChanges: [ConfigurationChange] {
        let wanted = desired.variables.compactMap { wish -> ConfigurationChange? in
            let order = ConfigurationCommand.setVariable(wish.name, wish.value)
            let now = variables[wish.name], kind = wish.credential ?? CredentialScan.kind(of: wish.value)
            guard now != wish.value else { return nil }
            let why =
                (now.map { Self.shown($0, wish.credential) + " -> " } ?? "")
                + Self.shown(wish.value, wish.credential)
            return ConfigurationChange(
                .variable(wish.name), now == nil ? .added : .updated, why, command: order,
                costWarning: kind.map {
                    "it looks like \($0), and whoever sees the Space reads its variables: write secret"
                })
        }
        guard !desired.variables.isEmpty else { return wanted }
        let names = Set(desired.variables.map(\.name))
        return wanted
            + variables.keys.filter { !names.contains($0) }.sorted().map { name in
                undeclared(.variable(name), .unsetVariable(name))
            }
    }

    private func undeclared(_ subject: ConfigurationChange.Subject, _ command: ConfigurationCommand)
        -> ConfigurationChange
    {
        prunes
            ? ConfigurationChange(subject, .removed, "the settings do not name it", command: command)
            : ConfigurationChange(subject, .kept, "the settings do not name it; --prune removes it")
    }

    private var secretChanges: [ConfigurationChange] {
        guard let secrets else { return [] }
        let wanted = desired.secrets.compactMap { change(of: $0, secrets[$0.name]) }
        guard !desired.secrets.isEmpty else { return wanted }
        let names = Set(desired.secrets.map(\.name))
        return wanted
            + secrets.keys.filter { !names.contains($0) }.sorted().map { name in
                undeclared(.secret(name), .unsetSecret(name))
            }
    }

    private func change(of desiredSecret: DesiredSecret, _ comparison: SecretComparison?)
        -> ConfigurationChange?
    {
        guard desiredSecret.hasValue else { return nil }
        let (subject, order) = (
            ConfigurationChange.Subject.secret(desiredSecret.name),
            ConfigurationCommand.setSecret(desiredSecret.name)
        )
        switch comparison {
        case nil:
            return ConfigurationChange(subject, .added, "from \(desiredSecret.location)", command: order)
        case .same: return nil
        case .different:
            return ConfigurationChange(
                subject, .updated, "\(desiredSecret.location) holds another value", command: order)
        case .unknown where isPushing:
            return ConfigurationChange(
                subject, .updated,
                "from \(desiredSecret.location); whether it is another value cannot be known",
                command: order)
        case .unknown:
            return ConfigurationChange(
                subject, .kept,
                "whether \(desiredSecret.location) holds another value cannot be known; to set it: "
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
