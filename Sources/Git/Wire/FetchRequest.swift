import Deploy
import Foundation

/// What is asked of `git-upload-pack`, protocol 0, in one go.
struct FetchRequest: Hashable, Sendable {
    var wants: [ObjectID]
    /// Only the wanted commits, not their parents.
    var isShallow: Bool
    /// Commits and trees, but no blobs.
    var leavesOutBlobs: Bool
    var agent: String
    /// A commit that is at hand without its parents: what it holds is not sent again.
    var known: ObjectID?

    /// `want <id> <capabilities>`, the other wants, `deepen 1`, `filter blob:none`, flush, `done`.
    var body: Data {
        var capabilities = ["side-band-64k", "ofs-delta", "no-progress"]
        if isShallow { capabilities.append("shallow") }
        if leavesOutBlobs { capabilities.append("filter") }
        // Without it Git's server does not look at what the known commit holds (`--objects-edge-aggressive`).
        if known != nil, isShallow { capabilities.append("thin-pack") }
        capabilities.append("agent=\(agent)")
        var packets = wants.enumerated().map { index, id in
            Packet.line("want \(id)" + (index == 0 ? " " + capabilities.joined(separator: " ") : "") + "\n")
        }
        if let known, isShallow { packets.append(.line("shallow \(known)\n")) }
        if isShallow { packets.append(.line("deepen 1\n")) }
        if leavesOutBlobs { packets.append(.line("filter blob:none\n")) }
        packets.append(.flush)
        if let known, isShallow { packets.append(.line("have \(known)\n")) }
        packets.append(.line("done\n"))
        return Data(packets.flatMap(\.bytes))
    }
}
