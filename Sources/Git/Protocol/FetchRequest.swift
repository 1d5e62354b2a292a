import Essentials
import SpacesModel

/// What is asked of `git-upload-pack`, protocol 0, in one go.
struct FetchRequest: Hashable, Sendable {
    var wants: [ObjectID]
    /// So many commits from each that is wanted; nil: all of the history.
    var depth: Int?
    var filter: Filter?
    var agent: String
    /// A commit that is at hand without its parents: what it holds is not sent again.
    var known: ObjectID?
    /// Commits that are at hand with all of their history: nothing that they lead to is sent again.
    var haves: [ObjectID] = []
    /// As deep as it goes (`INFINITE_DEPTH` of git's `shallow.h`).
    static let infiniteDepth = 0x7fff_ffff

    /// What is left out (<https://git-scm.com/docs/git-rev-list#_commit_filtering>).
    enum Filter: String, Hashable, Sendable {
        case blobs = "blob:none"
        case trees = "tree:0"
    }

    /// `want <id> <capabilities>`, the other wants, `deepen 1`, `filter blob:none`, flush, `done`.
    var body: Data {
        var capabilities = ["side-band-64k", "ofs-delta", "no-progress"]
        if depth != nil { capabilities.append("shallow") }
        if filter != nil { capabilities.append("filter") }
        // Without it Git's server does not look at what the known commit holds (`--objects-edge-aggressive`).
        if known != nil, depth != nil { capabilities.append("thin-pack") }
        capabilities.append("agent=\(agent)")
        var packets = wants.enumerated().map { index, id in
            PktLine.line("want \(id)" + (index == 0 ? " " + capabilities.joined(separator: " ") : "") + "\n")
        }
        if let known, depth != nil { packets.append(.line("shallow \(known)\n")) }
        if let depth { packets.append(.line("deepen \(depth)\n")) }
        if let filter { packets.append(.line("filter \(filter.rawValue)\n")) }
        packets.append(.flush)
        if let known, depth != nil { packets.append(.line("have \(known)\n")) }
        packets += haves.map { .line("have \($0)\n") }
        packets.append(.line("done\n"))
        return Data(packets.flatMap(\.bytes))
    }
}
