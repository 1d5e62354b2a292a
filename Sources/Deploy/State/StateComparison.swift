import SecretScanner
import SpacesModel

/// Compares what a Space is with what the settings want it to be.
struct StateComparison {
    let wishes: Wishes
    let space: SpaceID
    /// nil: the Space is still to be made, with all that is wished for.
    let info: SpaceInfo?
    var variables: [String: String] = [:]
    /// nil: they cannot be looked at.
    var secrets: [String: SecretStanding]? = [:]
    var offers: [Hardware] = []
    /// Something is pushed, so that the Space begins anew whatever is set.
    var isPushing = false
    /// What the settings do not name goes.
    var prunes = false

    /// In the order in which they are best carried out: what hides first, what shows last.
    var changes: [StateChange] {
        let seen = visibilityChange
        let hides = seen?.order == .setVisibility("private")
        return (hides ? [seen] : []).compactMap { $0 } + variableChanges + secretChanges + machineChanges
            + (hides ? [] : [seen]).compactMap { $0 }
    }

    /// A name that is a variable on one side and a secret on the other: the Hub runs no such Space.
    var collision: Failure? {
        let open = wishes.variables.map(\.name).filter { secrets?[$0] != nil }
        let hidden = wishes.secrets.filter(\.isInReach).map(\.name).filter { variables[$0] != nil }
        guard let name = open.first ?? hidden.first else { return collisionThere }
        let (now, wish) = open.isEmpty ? ("variable", "secret") : ("secret", "variable")
        return Failure(
            .settings, "\(space) has a \(now) \(name), and the settings want a \(wish) of that name",
            details: (open + hidden).dropFirst().map { "the same of \($0)" },
            hint:
                "one name is one of them: spacesync \(now)s unset \(space) \(name), or take it out of the settings"
        )
    }

    /// Whoever made it, no push mends it.
    private var collisionThere: Failure? {
        let both = variables.keys.filter { secrets?[$0] != nil }.sorted()
        guard let name = both.first else { return nil }
        return Failure(
            .settings,
            "\(both.joined(separator: ", ")) of \(space) is a variable and a secret, and the Hub runs no such Space",
            hint: "unset one of them: spacesync variables unset \(space) \(name)")
    }

    private var variableChanges: [StateChange] {
        let wanted = wishes.variables.compactMap { wish -> StateChange? in
            let order = StateOrder.setVariable(wish.name, wish.value)
            let now = variables[wish.name], kind = wish.credential ?? CredentialValue.kind(of: wish.value)
            guard now != wish.value else { return nil }
            let why =
                (now.map { Self.shown($0, wish.credential) + " -> " } ?? "")
                + Self.shown(wish.value, wish.credential)
            return StateChange(
                .variable(wish.name), now == nil ? .added : .updated, why, order: order,
                stake: kind.map {
                    "it looks like \($0), and whoever sees the Space reads its variables: write secret"
                })
        }
        guard !wishes.variables.isEmpty else { return wanted }
        let names = Set(wishes.variables.map(\.name))
        return wanted
            + variables.keys.filter { !names.contains($0) }.sorted().map { name in
                surplus(.variable(name), .unsetVariable(name))
            }
    }

    private func surplus(_ subject: StateChange.Subject, _ order: StateOrder) -> StateChange {
        prunes
            ? StateChange(subject, .removed, "the settings do not name it", order: order)
            : StateChange(subject, .kept, "the settings do not name it; --prune removes it")
    }

    private var secretChanges: [StateChange] {
        guard let secrets else { return [] }
        let wanted = wishes.secrets.compactMap { change(of: $0, secrets[$0.name]) }
        guard !wishes.secrets.isEmpty else { return wanted }
        let names = Set(wishes.secrets.map(\.name))
        return wanted
            + secrets.keys.filter { !names.contains($0) }.sorted().map { name in
                surplus(.secret(name), .unsetSecret(name))
            }
    }

    private func change(of wish: SecretWish, _ standing: SecretStanding?) -> StateChange? {
        guard wish.isInReach else { return nil }
        let (subject, order) = (StateChange.Subject.secret(wish.name), StateOrder.setSecret(wish.name))
        switch standing {
        case nil: return StateChange(subject, .added, "from \(wish.place)", order: order)
        case .same: return nil
        case .other:
            return StateChange(subject, .updated, "\(wish.place) holds another value", order: order)
        case .unknown where isPushing:
            return StateChange(
                subject, .updated, "from \(wish.place); whether it is another value cannot be known",
                order: order)
        case .unknown:
            return StateChange(
                subject, .kept,
                "whether \(wish.place) holds another value cannot be known; to set it: "
                    + "spacesync secrets set \(space) \(wish.name)")
        }
    }

    private static func shown(_ value: String, _ credential: String?) -> String {
        if let kind = credential ?? CredentialValue.kind(of: value) { return "(\(kind))" }
        let line = value.split(separator: "\n", omittingEmptySubsequences: false).first ?? ""
        return line.count > 40 || line.count < value.count
            ? "\(line.prefix(40))…" : value.isEmpty ? "\"\"" : value
    }
}
