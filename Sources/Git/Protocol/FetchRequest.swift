import Essentials
import SpacesModel

/// A `git-upload-pack` request in protocol version 0, sent in a single round trip.
struct FetchRequest: Hashable, Sendable {
    var wants: [ObjectID]
    /// The number of commits to fetch from each wanted commit; `nil` for the full history.
    var depth: Int?
    var filter: Filter?
    var agent: String
    /// A commit that the store has without its parents. Objects in its tree are not sent again.
    var known: ObjectID?
    /// Commits that the store has with their full history. Objects reachable from them are not sent
    /// again.
    var haves: [ObjectID] = []
    /// The depth for the full history (`INFINITE_DEPTH` in git's `shallow.h`).
    static let infiniteDepth = 0x7fff_ffff

    /// The objects that are left out (<https://git-scm.com/docs/git-rev-list#_commit_filtering>).
    enum Filter: String, Hashable, Sendable {
        case blobs = "blob:none"
        case trees = "tree:0"
    }

    /// The request body: `want <id> <capabilities>`, the other wants, `deepen 1`, `filter
    /// blob:none`, flush, `done`.
    var body: Data {
        var capabilities = ["side-band-64k", "ofs-delta", "no-progress"]
        if depth != nil { capabilities.append("shallow") }
        if filter != nil { capabilities.append("filter") }
        // Without `thin-pack`, Git's server ignores the tree of the known commit
        // (`--objects-edge-aggressive`).
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
