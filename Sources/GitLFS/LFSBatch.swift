import Essentials

/// The messages of the LFS Batch API
/// (https://github.com/git-lfs/git-lfs/blob/main/docs/api/batch.md), with the Hub's extension for
/// multipart uploads (hub-api.md 2.6).
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

    /// An object in a response. An invalid one counts as refused and does not make the batch fail.
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
                self.error = ObjectError(message: "invalid response for this object")
            }
        }
    }

    struct Actions: Decodable {
        var upload: Action?
        var verify: Action?
        var download: Action?
    }

    /// An action of the Batch API: the URL and headers of an upload, download or verification.
    struct Action: Decodable, Hashable, Sendable {
        var href: String
        var header: [String: Scalar]?
    }

    struct ObjectError: Decodable, Hashable, Sendable {
        var code: Scalar?
        var message: String?

        /// The code and message in one line.
        var description: String {
            [code?.text, message.map { String($0.prefix(300)) }].compactMap { $0 }.joined(separator: " ")
        }
    }

    /// A string or number, since some servers send one in place of the other; `null` is an empty
    /// text.
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

/// The server's response for one object.
enum LFSObjectResponse: Sendable {
    /// The server has the object: nothing to upload.
    case present
    case action(LFSAction)
    case refused(LFSBatch.ObjectError)
}

/// The action for one object, with its verification.
struct LFSAction: Sendable {
    var action: LFSBatch.Action
    var verify: LFSBatch.Action?
    /// Whether the action's URL needs no credentials of the server.
    var isAuthenticated: Bool

    /// The size in bytes of each part except the last; `nil` for an upload in one request.
    var partSize: Int? { action.header?["chunk_size"].flatMap { Int($0.text) }.flatMap { $0 > 0 ? $0 : nil } }

    /// The URLs of the parts in order; the header has them under the parts' numbers.
    var parts: [String] {
        (action.header ?? [:]).compactMap { key, value in Int(key).map { ($0, value.text) } }
            .sorted { $0.0 < $1.0 }.map(\.1)
    }
}
