import Deploy
import Foundation

/// What is asked of `git-upload-pack`, protocol 0, in one go and with nothing at hand.
struct FetchRequest: Hashable, Sendable {
    var wants: [ObjectID]
    /// Only the wanted commits, not their parents.
    var isShallow: Bool
    /// Commits and trees, but no blobs.
    var leavesOutBlobs: Bool
    var agent: String

    /// `want <id> <capabilities>`, the other wants, `deepen 1`, `filter blob:none`, flush, `done`.
    var body: Data {
        var capabilities = ["side-band-64k", "ofs-delta", "no-progress"]
        if isShallow { capabilities.append("shallow") }
        if leavesOutBlobs { capabilities.append("filter") }
        capabilities.append("agent=\(agent)")
        var packets = wants.enumerated().map { index, id in
            Packet.line("want \(id)" + (index == 0 ? " " + capabilities.joined(separator: " ") : "") + "\n")
        }
        if isShallow { packets.append(.line("deepen 1\n")) }
        if leavesOutBlobs { packets.append(.line("filter blob:none\n")) }
        packets += [.flush, .line("done\n")]
        return Data(packets.flatMap(\.bytes))
    }
}
