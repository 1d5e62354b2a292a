import Deploy
import Foundation

/// The batch API of Git LFS: https://github.com/git-lfs/git-lfs/blob/main/docs/api/batch.md, with what the Hub adds to it
/// for uploads in parts (hub-api.md 2.6).
enum LFSBatch {
    enum Operation: String, Codable, Sendable { case upload, download }

    struct Question: Encodable {
        var operation: Operation
        var transfers: [String]
        var objects: [Named]
        var hash_algo = "sha256"
        var ref: Reference?
    }

    struct Named: Codable, Hashable {
        var oid: String
        var size: Int
    }

    struct Reference: Encodable { var name: String }

    struct Reply: Decodable {
        var transfer: String?
        var objects: [Object]?
    }

    struct Object: Decodable {
        var oid: String?
        var authenticated: Bool?
        var actions: Actions?
        var error: Refusal?
    }

    struct Actions: Decodable {
        var upload: Action?
        var verify: Action?
        var download: Action?
    }

    /// Where something is done with an object, and what goes along.
    struct Action: Decodable, Hashable, Sendable {
        var href: String
        var header: [String: Scalar]?
    }

    struct Refusal: Decodable, Hashable, Sendable {
        var code: Int?
        var message: String?

        /// In one clause.
        var words: String {
            let code = code.map { "\($0)" }
            return [code, message.map { String($0.prefix(300)) }].compactMap { $0 }.joined(separator: " ")
        }
    }

    /// A header's value: text, or a number where a server is careless.
    struct Scalar: Decodable, Hashable, Sendable {
        var text: String

        init(from decoder: any Decoder) throws {
            let value = try decoder.singleValueContainer()
            if let text = try? value.decode(String.self) {
                self.text = text
            } else {
                text = "\(try value.decode(Int.self))"
            }
        }
    }
}

/// What a server says of one object.
enum LFSAnswer: Sendable {
    /// It has it: nothing to upload.
    case there
    case todo(LFSLink)
    case refused(LFSBatch.Refusal)
}

/// What is to be done with one object, and where.
struct LFSLink: Sendable {
    var action: LFSBatch.Action
    var verify: LFSBatch.Action?
    /// The server's own credentials need not go along.
    var isAuthenticated: Bool

    /// Bytes of each part but the last; nil for an upload in one piece.
    var partSize: Int? { action.header?["chunk_size"].flatMap { Int($0.text) }.flatMap { $0 > 0 ? $0 : nil } }

    /// The parts' addresses, in order: they stand in the header under their numbers.
    var parts: [String] {
        (action.header ?? [:]).compactMap { key, value in Int(key).map { ($0, value.text) } }
            .sorted { $0.0 < $1.0 }.map(\.1)
    }
}
