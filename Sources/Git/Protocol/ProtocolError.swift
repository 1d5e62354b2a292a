/// What went wrong in the conversation itself, with a server that did answer.
enum ProtocolError: Error, Hashable, Sendable {
    /// The server's own words: an `ERR` packet, or a fatal line of side-band 3.
    case remote(String)
    /// A status that speaks of a fault of the server (5xx), with the server's words.
    case outage(status: Int, String?)
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
    /// A pack with an object beyond a limit; with the object's size and the limit.
    case limitExceeded(String)

    var isLimitExceeded: Bool { if case .limitExceeded = self { true } else { false } }

    /// In words, to stand behind “because”.
    var message: String {
        switch self {
        case .remote(let words): words
        case .outage(let status, let words):
            "it answered with HTTP status \(status)" + (words.map { ": \($0)" } ?? "")
        case .malformed(let what): "it sent \(what), which is not Git's protocol"
        case .truncated: "its answer ended before it was whole"
        case .noPack: "it answered without the objects"
        case .incomplete: "it left out objects that were asked for"
        case .badPack(let words): "its pack cannot be read: \(words)"
        case .limitExceeded(let words): "its pack was refused: \(words)"
        }
    }
}
