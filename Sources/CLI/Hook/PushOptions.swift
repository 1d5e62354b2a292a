import Deploy
import SpacesModel
import TextTools

/// What who pushes says besides (`git push -o spacesync.force`). They may be a stranger's: they reach no further than
/// the flags of a push that pass guards, and not even those where the operator keeps them.
struct PushOptions: Sendable {
    /// Guards that the deploy may pass.
    private(set) var overriddenGuards: Set<Guard> = []
    /// The operator's word is against forcing (`spacesync.allowForce = false`).
    private(set) var isForceDenied = false
    private(set) var skips = false
    private(set) var waits = true
    private(set) var plans = false
    /// What is odd about them.
    private(set) var warnings: [String] = []

    private static let names = ["spacesync.force", "spacesync.skip", "spacesync.nowait", "spacesync.plan"]
    /// More than anybody types.
    private static let maxOptions = 1000

    /// - Parameter environment: of the hook, where Git puts them (`git help receive-pack`).
    init(_ environment: [String: String], allowsForce: Bool) {
        let count = environment["GIT_PUSH_OPTION_COUNT"].flatMap { Int($0) } ?? 0
        for place in 0..<min(max(count, 0), Self.maxOptions) {
            if let option = environment["GIT_PUSH_OPTION_\(place)"] { apply(option) }
        }
        if !allowsForce, !overriddenGuards.isEmpty {
            (overriddenGuards, isForceDenied) = ([], true)
            warnings.append(
                "spacesync.force does not count here: who runs this repository decides (spacesync.allowForce = false)"
            )
        }
    }

    private mutating func apply(_ option: String) {
        let name = String(option.prefix { $0 != "=" })
        let value = name.count < option.count ? String(option.dropFirst(name.count + 1)) : nil
        // What is said to others (ci.skip) is theirs.
        guard name.lowercased().hasPrefix("spacesync") else { return }
        switch (name.lowercased(), value) {
        case ("spacesync.force", let guards): applyForce(guards ?? "")
        case ("spacesync.skip", nil): skips = true
        case ("spacesync.nowait", nil): waits = false
        case ("spacesync.plan", nil): plans = true
        case (let known, let value?) where Self.names.contains(known):
            warnings.append("the push option \(known) takes no value: \(value) and the option do not count")
        default:
            let near = nearest(name, among: Self.names).map { "did you mean \($0)?" }
            let known = "there are \(Self.names.joined(separator: ", "))"
            warnings.append("there is no push option \(name); \(near ?? known)")
        }
    }

    private mutating func applyForce(_ text: String) {
        do throws(DeployError) {
            overriddenGuards.formUnion(try Guard.named(text))
        } catch {
            let words = error.message.replacing("--force=", with: "spacesync.force=")
            warnings.append([words, error.hint].compactMap { $0 }.joined(separator: "; "))
        }
    }
}
