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
                "\(reason)who runs this repository decides (spacesync.allowForce = false), on the server: \(command)"
        }
        guard isBranch, acceptsPushOptions else { return "\(reason)on the server: \(command)" }
        // An empty commit is needed: git calls no hook if there is nothing new to push.
        return "\(reason)git commit --allow-empty -m 'Deploy again' && git push -o spacesync.force=\(names)\n"
            + "or without a push, on the server: \(command)"
    }
}
