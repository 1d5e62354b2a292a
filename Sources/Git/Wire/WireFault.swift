/// What went wrong in the conversation itself, with a server that did answer.
enum WireFault: Error, Hashable, Sendable {
    /// The server's own words: an `ERR` packet, or a fatal line of side-band 3.
    case remote(String)
    /// Not what Git's protocol says; with what was seen.
    case malformed(String)
    /// The answer ended before it was whole.
    case truncated
    /// An answer without a pack: a server that does not know what it was asked (an empty body, most often).
    case noPack
    /// A pack that does not hold what was asked for.
    case incomplete
    /// A pack that libgit2 does not take.
    case badPack(String)

    /// In words, to stand behind “because”.
    var words: String {
        switch self {
        case .remote(let words): words
        case .malformed(let what): "it sent \(what), which is not Git's protocol"
        case .truncated: "its answer ended before it was whole"
        case .noPack: "it answered without the objects"
        case .incomplete: "it left out objects that were asked for"
        case .badPack(let words): "its pack cannot be read: \(words)"
        }
    }
}
