import Essentials
import Git
import HTTP
import SpacesModel
import TextTools

/// A Git LFS server: the Hub's for one Space, or a source's.
struct LFSClient: Sendable {
    /// Up to `…/info/lfs`.
    let url: URL
    let client: HTTPClient
    let authorization: Authorization?
    let meter: TrafficCounter?
    let party: RemoteDescription
    /// Asked before its links are followed; nil for a server that the operator's side chose.
    var gate: SSRFGuard?
    /// Of the branch that is pushed to, in full.
    var reference: String?

    /// Objects in one question: what the Hub's own client and `git-lfs` ask.
    var maxBatchSize: Int { party.role == .space ? 256 : 100 }

    /// What the server says of each object, by its id; what it does not mention counts as refused.
    /// - Throws: what kept the whole question from being answered.
    func requestBatch(
        _ operation: LFSBatch.Operation, _ pointers: [LFSPointer]
    ) async throws(DeployError) -> [String: LFSObjectResponse] {
        let objects = pointers.map { LFSBatch.ObjectSpec(oid: $0.oid, size: $0.size) }
        let transfers = party.role == .space ? ["basic", "multipart"] : ["basic"]
        var question = LFSBatch.BatchRequest(operation: operation, transfers: transfers, objects: objects)
        question.ref = reference.map { LFSBatch.Reference(name: $0) }
        let response = try await send(question, to: url.appending("objects/batch"))
        guard response.isSuccess else {
            throw party.failure(
                response, service: operation == .upload ? .receivePack : .uploadPack,
                hasToken: authorization != nil)
        }
        return Self.objectResponses(try decodeBatch(response), operation)
    }

    /// Foundation's decoder has no limit on values: what exceeds ours never comes to it.
    private func decodeBatch(_ response: HTTPClientResponse) throws(DeployError) -> LFSBatch.BatchResponse {
        do throws(JSON.ParseError) { _ = try JSON.parse([UInt8](response.body)) } catch {
            if let excess = error.exceededLimit {
                throw DeployError(
                    .tryLater, "\(party.host): the JSON about LFS objects is over a limit: \(excess)",
                    hint: "try again later")
            }
        }
        guard let reply = try? JSONDecoder().decode(LFSBatch.BatchResponse.self, from: response.body) else {
            throw DeployError(
                .tryLater, "\(party.host) answered with something else where Git LFS was expected",
                hint: "look for a proxy or a login page between here and \(party.host)")
        }
        return reply
    }

    private static func objectResponses(
        _ reply: LFSBatch.BatchResponse, _ operation: LFSBatch.Operation
    ) -> [String: LFSObjectResponse] {
        var answers: [String: LFSObjectResponse] = [:]
        for object in reply.objects ?? [] {
            guard let oid = object.oid else { continue }
            answers[oid] = objectResponse(object, operation)
        }
        return answers
    }

    private static func objectResponse(_ object: LFSBatch.Object, _ operation: LFSBatch.Operation)
        -> LFSObjectResponse
    {
        if let error = object.error { return .refused(error) }
        let action = operation == .upload ? object.actions?.upload : object.actions?.download
        guard let action else {
            return operation == .upload
                ? .present : .refused(LFSBatch.ObjectError(message: "the server gave no link to it"))
        }
        return .action(
            LFSAction(
                action: action, verify: object.actions?.verify, isAuthenticated: object.authenticated == true)
        )
    }

    /// A small message in the language of LFS. Whatever is sent so may be sent again.
    func send(
        _ message: some Encodable, to address: URL, authorization: Authorization?, headers: HTTPFields = [:]
    ) async throws(DeployError) -> HTTPClientResponse {
        var headers = headers
        (headers["Accept"], headers["Content-Type"]) = (Self.type, Self.type)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.withoutEscapingSlashes, .sortedKeys]
        guard let body = try? encoder.encode(message) else {
            throw DeployError(.internalError, "a message of Git LFS cannot be written")
        }
        var request = HTTPClientRequest(
            "POST", address, headers: headers, body: .bytes(body), authorization: authorization,
            isRepeatable: true, responseLimit: 64 << 20)
        if let gate { request.allowedAddresses = gate.allowedAddresses }
        // A server may take its time to put the parts of a large object together.
        request.minIdleLimit = .seconds(300)
        do throws(HTTPError) { return try await client.send(request, meter: meter) } catch {
            throw party.failure(error)
        }
    }

    /// Whether a status speaks of a fault that may be gone later.
    static func isTemporary(_ status: Int) -> Bool { [408, 425, 429].contains(status) || status >= 500 }

    private func send(_ request: LFSBatch.BatchRequest, to address: URL) async throws(DeployError)
        -> HTTPClientResponse
    {
        try await send(request, to: address, authorization: authorization)
    }

    private static let type = "application/vnd.git-lfs+json"

    /// Where a link leads. Only this machine's own servers are spoken to without TLS.
    /// - Throws: kind `refused` for what is no such address.
    func address(_ href: String) throws(DeployError) -> URL {
        guard let remote = try? RemoteURL(href), remote.user == nil, let url = URL(remote),
            let origin = Origin(url),
            origin.scheme == "https" || (origin.scheme == "http" && origin.isLoopback && isOnLoopback)
        else {
            throw DeployError(
                party.role == .space ? .refused : .source,
                "\(party.host) names an address for an LFS object that is not https")
        }
        return url
    }

    /// - Throws: kind `source` where a link must not be followed (see `gate`).
    func examine(_ link: LFSAction) async throws(DeployError) {
        let address = try address(link.action.href)
        guard let gate, let home = Origin(url),
            let objection = await gate.rejectionReason(to: address, trustedOrigin: home)
        else { return }
        throw DeployError(
            .source,
            "\(party.host) leads to \(Origin(address)?.hostAndPort ?? "nowhere"), which is not asked: \(objection)"
        )
    }

    private var isOnLoopback: Bool { Origin(url)?.isLoopback == true }

    /// The fields that a link asks for; of those that say how the body is sent, none.
    func headers(of action: LFSBatch.Action) -> HTTPFields {
        var headers: HTTPFields = [:]
        let own: Set<String> = [
            "host", "content-length", "transfer-encoding", "connection", "chunk_size", "upgrade", "trailer",
            "te", "expect", "keep-alive", "proxy-connection", "proxy-authorization",
        ]
        for (name, value) in (action.header ?? [:]).sorted(by: { $0.key < $1.key })
        where !own.contains(name.lowercased()) && Int(name) == nil {
            // RFC 9110 5.1 and 5.5: anything else could begin another field.
            guard !name.isEmpty, name.utf8.allSatisfy(Self.isTokenByte),
                value.text.utf8.allSatisfy({ $0 >= 32 && $0 != 127 })
            else { continue }
            headers.append(name, value.text)
        }
        return headers
    }

    private static func isTokenByte(_ byte: UInt8) -> Bool {
        let character = Character(UnicodeScalar(byte))
        return byte < 128
            && (character.isLetter || character.isNumber || "!#$%&'*+-.^_`|~".utf8.contains(byte))
    }

    /// Our own credentials, for an address at this very server that brings none.
    func authorization(for address: URL, _ headers: HTTPFields, isAuthenticated: Bool) -> Authorization? {
        guard !isAuthenticated, headers["Authorization"] == nil, Origin(address) == Origin(url) else {
            return nil
        }
        return authorization
    }
}
