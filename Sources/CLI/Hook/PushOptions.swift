import Deploy
import SpacesModel
import TextTools

/// The options of a push (`git push -o spacesync.force`). The pusher may not be trusted, so the
/// options have no more effect than the flags of a push; the operator can forbid overriding guards.
struct PushOptions: Sendable {
    /// The guards that the deploy overrides.
    private(set) var overriddenGuards: Set<Guard> = []
    /// Whether `spacesync.force` was given but the operator forbids it
    /// (`spacesync.allowForce = false`).
    private(set) var isForceDenied = false
    private(set) var skips = false
    private(set) var waits = true
    private(set) var plans = false
    /// Warnings about unknown or ineffective options.
    private(set) var warnings: [String] = []

    private static let names = ["spacesync.force", "spacesync.skip", "spacesync.nowait", "spacesync.plan"]
    /// A limit far above any real number of options.
    private static let maxOptions = 1000

    /// - Parameter environment: the environment of the hook, in which Git passes the options
    /// (`git help receive-pack`).
    init(_ environment: [String: String], allowsForce: Bool) {
        let count = environment["GIT_PUSH_OPTION_COUNT"].flatMap { Int($0) } ?? 0
        for index in 0..<min(max(count, 0), Self.maxOptions) {
            if let option = environment["GIT_PUSH_OPTION_\(index)"] { apply(option) }
        }
        if !allowsForce, !overriddenGuards.isEmpty {
            (overriddenGuards, isForceDenied) = ([], true)
            warnings.append(
                "spacesync.force is ignored: the operator of this repository does not allow it (spacesync.allowForce = false)"
            )
        }
    }

    private mutating func apply(_ option: String) {
        let name = String(option.prefix { $0 != "=" })
        let value = name.count < option.count ? String(option.dropFirst(name.count + 1)) : nil
        // Options of other programs (ci.skip) are ignored.
        guard name.lowercased().hasPrefix("spacesync") else { return }
        switch (name.lowercased(), value) {
        case ("spacesync.force", let guards): applyForce(guards ?? "")
        case ("spacesync.skip", nil): skips = true
        case ("spacesync.nowait", nil): waits = false
        case ("spacesync.plan", nil): plans = true
        case (let knownName, let value?) where Self.names.contains(knownName):
            warnings.append(
                "the push option \(knownName) accepts no value; \(knownName)=\(value) is ignored")
        default:
            let suggestion = nearest(name, among: Self.names).map { "did you mean \($0)?" }
            let available = "use one of: \(Self.names.joined(separator: ", "))"
            warnings.append("unknown push option \"\(name)\"; \(suggestion ?? available)")
        }
    }

    private mutating func applyForce(_ text: String) {
        do throws(DeployError) {
            overriddenGuards.formUnion(try Guard.named(text))
        } catch {
            let message = error.message.replacing("--force=", with: "spacesync.force=")
            warnings.append([message, error.hint].compactMap { $0 }.joined(separator: "; "))
        }
    }
}

/// Adapts hints for a pusher: overriding a guard becomes a push option of the next push.
struct PusherHints: Sendable {
    /// The repository on the server.
    var directory: String
    /// Whether a branch was pushed; a tag is not pushed again with an empty commit.
    var isBranch: Bool
    /// Whether the server accepts push options.
    var acceptsPushOptions: Bool
    /// Whether the operator allows pushers to override guards.
    var allowsForce: Bool

    /// Rewrites a hint of the form `…: spacesync push owner/name … --force=NAMES` for a pusher.
    /// Other hints are returned unchanged.
    func complete(_ line: String) -> String {
        guard let call = line.firstRange(of: "spacesync push "), let flag = line.firstRange(of: " --force="),
            call.lowerBound < flag.lowerBound
        else { return line }
        let (reason, names) = (line[..<call.lowerBound], line[flag.upperBound...].prefix { $0 != " " })
        let command = "\(line[call.lowerBound...]) --source \(CommandHints.quoted(directory))"
        guard allowsForce else {
            return
                "\(reason)the operator of this repository does not allow spacesync.force (spacesync.allowForce = false); on the server: \(command)"
        }
        guard isBranch, acceptsPushOptions else { return "\(reason)on the server: \(command)" }
        // An empty commit is needed: git calls no hook if there is nothing new to push.
        return "\(reason)git commit --allow-empty -m 'Deploy again' && git push -o spacesync.force=\(names)\n"
            + "or without a push, on the server: \(command)"
    }
}
