/// A protocol error in the communication with a server that did respond.
enum ProtocolError: Error, Hashable, Sendable {
    /// The server's message: an `ERR` packet or a fatal error on side-band 3.
    case remote(String)
    /// A server error (HTTP status 5xx) with the server's message.
    case outage(status: Int, String?)
    /// Not valid in Git's protocol; with a description of the invalid data.
    case malformed(String)
    /// The response ended early.
    case truncated
    /// A response without a pack, mostly an empty body: the server did not understand the request.
    case noPack
    /// The pack lacks requested objects.
    case incomplete
    /// libgit2 rejected the pack.
    case badPack(String)
    /// An object in the pack exceeds a limit; with the object's size and the limit.
    case limitExceeded(String)

    var isLimitExceeded: Bool { if case .limitExceeded = self { true } else { false } }

    /// The description, phrased to follow the word "because".
    var message: String {
        switch self {
        case .remote(let text): text
        case .outage(let status, let text):
            "it answered with HTTP status \(status)" + (text.map { ": \($0)" } ?? "")
        case .malformed(let description): "it sent \(description), which is not Git's protocol"
        case .truncated: "its answer ended before it was whole"
        case .noPack: "it answered without the objects"
        case .incomplete: "it left out objects that were asked for"
        case .badPack(let text): "its pack cannot be read: \(text)"
        case .limitExceeded(let text): "its pack was refused: \(text)"
        }
    }
}
