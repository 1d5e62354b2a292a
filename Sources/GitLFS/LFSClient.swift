import Essentials
import Git
import HTTP
import SpacesModel
import TextTools

/// A client of a Git LFS server: the Hub's for one Space, or a source's.
struct LFSClient: Sendable {
    /// The endpoint, up to `…/info/lfs`.
    let url: URL
    let client: HTTPClient
    let authorization: Authorization?
    let meter: TrafficCounter?
    let party: RemoteDescription
    /// Checks the server's links before they are used; `nil` for a server from trusted
    /// configuration.
    var gate: SSRFGuard?
    /// The full name of the branch that is pushed to.
    var reference: String?

    /// The maximum number of objects per request: the values of the Hub's own client and of
    /// `git-lfs`.
    var maxBatchSize: Int { party.role == .space ? 256 : 100 }

    /// Returns the server's response for each object by its id. Missing objects count as refused.
    /// - Throws: the error if the request failed as a whole.
    func requestBatch(
        _ operation: LFSBatch.Operation, _ pointers: [LFSPointer]
    ) async throws(DeployError) -> [String: LFSObjectResponse] {
        let objects = pointers.map { LFSBatch.ObjectSpec(oid: $0.oid, size: $0.size) }
        let transfers = party.role == .space ? ["basic", "multipart"] : ["basic"]
        var batchRequest = LFSBatch.BatchRequest(operation: operation, transfers: transfers, objects: objects)
        batchRequest.ref = reference.map { LFSBatch.Reference(name: $0) }
        let response = try await send(batchRequest, to: url.appending("objects/batch"))
        guard response.isSuccess else {
            throw party.failure(
                response, service: operation == .upload ? .receivePack : .uploadPack,
                hasToken: authorization != nil)
        }
        return Self.objectResponses(try decodeBatch(response), operation)
    }

    /// Decodes a batch response. Checks the JSON limits first, as Foundation's decoder has none.
    private func decodeBatch(_ response: HTTPClientResponse) throws(DeployError) -> LFSBatch.BatchResponse {
        do throws(JSON.ParseError) { _ = try JSON.parse([UInt8](response.body)) } catch {
            if let excess = error.exceededLimit {
                throw DeployError(
                    .tryLater, "\(party.host): the JSON for LFS objects exceeds a limit: \(excess)",
                    hint: "try again later")
            }
        }
        guard let decoded = try? JSONDecoder().decode(LFSBatch.BatchResponse.self, from: response.body) else {
            throw DeployError(
                .tryLater, "\(party.host) returned an invalid Git LFS response",
                hint: "check the address; a proxy or login page may intercept the connection to \(party.host)"
            )
        }
        return decoded
    }

    private static func objectResponses(
        _ reply: LFSBatch.BatchResponse, _ operation: LFSBatch.Operation
    ) -> [String: LFSObjectResponse] {
        var responses: [String: LFSObjectResponse] = [:]
        for object in reply.objects ?? [] {
            guard let oid = object.oid else { continue }
            responses[oid] = objectResponse(object, operation)
        }
        return responses
    }

    private static func objectResponse(_ object: LFSBatch.Object, _ operation: LFSBatch.Operation)
        -> LFSObjectResponse
    {
        if let error = object.error { return .refused(error) }
        let action = operation == .upload ? object.actions?.upload : object.actions?.download
        guard let action else {
            return operation == .upload
                ? .present : .refused(LFSBatch.ObjectError(message: "the server returned no link for it"))
        }
        return .action(
            LFSAction(
                action: action, verify: object.actions?.verify, isAuthenticated: object.authenticated == true)
        )
    }

    /// Sends a JSON message of the LFS API. All of these messages are idempotent and may be
    /// repeated.
    func send(
        _ message: some Encodable, to address: URL, authorization: Authorization?, headers: HTTPFields = [:]
    ) async throws(DeployError) -> HTTPClientResponse {
        var headers = headers
        (headers["Accept"], headers["Content-Type"]) = (Self.type, Self.type)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.withoutEscapingSlashes, .sortedKeys]
        guard let body = try? encoder.encode(message) else {
            throw DeployError(.internalError, "a Git LFS request cannot be encoded")
        }
        var request = HTTPClientRequest(
            "POST", address, headers: headers, body: .bytes(body), authorization: authorization,
            isRepeatable: true, responseLimit: 64 << 20)
        if let gate { request.allowedAddresses = gate.allowedAddresses }
        // A server may need time to combine the parts of a large object.
        request.minIdleLimit = .seconds(300)
        do throws(HTTPError) { return try await client.send(request, meter: meter) } catch {
            throw party.failure(error)
        }
    }

    /// Returns whether a status means a temporary error.
    static func isTemporary(_ status: Int) -> Bool { [408, 425, 429].contains(status) || status >= 500 }

    private func send(_ request: LFSBatch.BatchRequest, to address: URL) async throws(DeployError)
        -> HTTPClientResponse
    {
        try await send(request, to: address, authorization: authorization)
    }

    private static let type = "application/vnd.git-lfs+json"

    /// Returns the URL of a link. Without TLS, only loopback is allowed, and only for a server on
    /// loopback.
    /// - Throws: kind `refused` or `source` if the link is not a permitted URL.
    func address(_ href: String) throws(DeployError) -> URL {
        guard let remote = try? RemoteURL(href), remote.user == nil, let url = URL(remote),
            let origin = Origin(url),
            origin.scheme == "https" || (origin.scheme == "http" && origin.isLoopback && isOnLoopback)
        else {
            throw DeployError(
                party.role == .space ? .refused : .source,
                "\(party.host) returned a URL for an LFS object that is not a valid https URL")
        }
        return url
    }

    /// - Throws: kind `source` if a link must not be followed (see `gate`).
    func examine(_ link: LFSAction) async throws(DeployError) {
        let address = try address(link.action.href)
        guard let gate, let serverOrigin = Origin(url),
            let objection = await gate.rejectionReason(to: address, trustedOrigin: serverOrigin)
        else { return }
        throw DeployError(
            .source,
            "\(party.host) links to \(Origin(address)?.hostAndPort ?? "nowhere"), which is not contacted: \(objection)"
        )
    }

    private var isOnLoopback: Bool { Origin(url)?.isLoopback == true }

    /// Returns the headers that an action requires, without those that describe how the body is
    /// sent.
    func headers(of action: LFSBatch.Action) -> HTTPFields {
        var headers: HTTPFields = [:]
        let excluded: Set<String> = [
            "host", "content-length", "transfer-encoding", "connection", "chunk_size", "upgrade", "trailer",
            "te", "expect", "keep-alive", "proxy-connection", "proxy-authorization",
        ]
        for (name, value) in (action.header ?? [:]).sorted(by: { $0.key < $1.key })
        where !excluded.contains(name.lowercased()) && Int(name) == nil {
            // RFC 9110 5.1 and 5.5: any other character could start another header field.
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

    /// Returns the server's credentials for a URL of the same origin that has none of its own;
    /// otherwise `nil`.
    func authorization(for address: URL, _ headers: HTTPFields, isAuthenticated: Bool) -> Authorization? {
        guard !isAuthenticated, headers["Authorization"] == nil, Origin(address) == Origin(url) else {
            return nil
        }
        return authorization
    }
}
