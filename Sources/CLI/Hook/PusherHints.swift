/// Lines for one who pushed to a server: what passes a guard is an option of their next push.
struct PusherHints: Sendable {
    /// The repository on the server.
    var directory: String
    /// A tag is not pushed again with an empty commit.
    var isBranch: Bool
    /// The server lets pushers say options.
    var acceptsPushOptions: Bool
    /// The operator lets them pass guards.
    var allowsForce: Bool

    /// A hint's line `…: spacesync push owner/name … --force=NAMES`, as a pusher can use it. Other lines stay.
    func complete(_ line: String) -> String {
        guard let call = line.firstRange(of: "spacesync push "), let flag = line.firstRange(of: " --force="),
            call.lowerBound < flag.lowerBound
        else { return line }
        let (why, names) = (line[..<call.lowerBound], line[flag.upperBound...].prefix { $0 != " " })
        let here = "\(line[call.lowerBound...]) --source \(CommandHints.quoted(directory))"
        guard allowsForce else {
            return
                "\(why)who runs this repository decides (spacesync.allowForce = false), on the server: \(here)"
        }
        guard isBranch, acceptsPushOptions else { return "\(why)on the server: \(here)" }
        // There is nothing new to push any more, and without that no hook is called.
        return "\(why)git commit --allow-empty -m 'Deploy again' && git push -o spacesync.force=\(names)\n"
            + "or without a push, on the server: \(here)"
    }
}
