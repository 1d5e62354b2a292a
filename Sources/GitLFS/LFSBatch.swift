import Essentials

/// The batch API of Git LFS: https://github.com/git-lfs/git-lfs/blob/main/docs/api/batch.md, with what the Hub adds to it
/// for uploads in parts (hub-api.md 2.6).
enum LFSBatch {
    enum Operation: String, Codable, Sendable { case upload, download }

    struct BatchRequest: Encodable {
        var operation: Operation
        var transfers: [String]
        var objects: [ObjectSpec]
        var hash_algo = "sha256"
        var ref: Reference?
    }

    struct ObjectSpec: Codable, Hashable {
        var oid: String
        var size: Int
    }

    struct Reference: Encodable { var name: String }

    struct BatchResponse: Decodable {
        var transfer: String?
        var objects: [Object]?
    }

    /// What does not read as the API has it is this object's refusal, not the end of the batch.
    struct Object: Decodable {
        var oid: String?
        var authenticated: Bool?
        var actions: Actions?
        var error: ObjectError?

        private enum Key: CodingKey { case oid, authenticated, actions, error }

        init(from decoder: any Decoder) throws {
            guard let fields = try? decoder.container(keyedBy: Key.self) else { return }
            oid = try? fields.decodeIfPresent(String.self, forKey: .oid)
            authenticated = try? fields.decodeIfPresent(Bool.self, forKey: .authenticated)
            do {
                actions = try fields.decodeIfPresent(Actions.self, forKey: .actions)
                error = try fields.decodeIfPresent(ObjectError.self, forKey: .error)
            } catch {
                self.error = ObjectError(message: "its answer for this object cannot be read")
            }
        }
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

    struct ObjectError: Decodable, Hashable, Sendable {
        var code: Scalar?
        var message: String?

        /// In one clause.
        var description: String {
            [code?.text, message.map { String($0.prefix(300)) }].compactMap { $0 }.joined(separator: " ")
        }
    }

    /// Text, or a number, or the one for the other where a server is careless; nothing is an empty text.
    struct Scalar: Decodable, Hashable, Sendable {
        var text: String

        init(from decoder: any Decoder) throws {
            let value = try decoder.singleValueContainer()
            if let text = try? value.decode(String.self) {
                self.text = text
            } else {
                text = value.decodeNil() ? "" : "\(try value.decode(Int.self))"
            }
        }
    }
}

/// What a server says of one object.
enum LFSObjectResponse: Sendable {
    /// It has it: nothing to upload.
    case present
    case action(LFSAction)
    case refused(LFSBatch.ObjectError)
}

/// What is to be done with one object, and where.
struct LFSAction: Sendable {
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
