import Essentials
import Git
import HTTP
import SpacesModel

/// Locates LFS objects: on the Space, in a local directory, or on one of the source's servers.
extension LFSTransferManager {
    /// Locates each object on this machine, on the Space or on one of the source's servers, and
    /// stores the links.
    /// - Returns: the files whose object was not found.
    func find(_ files: [LFSFile], in endpoints: LFSEndpoints) async throws(DeployError) -> [MissingLFSObject]
    {
        let notLocal = files.filter { file in
            file.pointer.size > 0 && links[file.pointer.oid] == nil && endpoints.file(of: file.pointer) == nil
        }
        let missing = try await missingFromSpace(notLocal.map(\.pointer))
        let reasons: [String: String]
        do throws(DeployError) { reasons = try await self.reasons(why: missing, in: endpoints) } catch {
            throw Self.naming(notLocal.filter { missing.contains($0.pointer) }, in: error)
        }
        return notLocal.compactMap { file in reasons[file.pointer.oid].map { MissingLFSObject(file, why: $0) }
        }
    }

    /// Returns the objects that the Space does not have; all of them if the Hub cannot be asked.
    private func missingFromSpace(_ pointers: [LFSPointer]) async throws(DeployError) -> [LFSPointer] {
        guard let hub, !pointers.isEmpty else { return pointers }
        for batch in pointers.unique.batches(of: hub.maxBatchSize) {
            let responses: [String: LFSObjectResponse]
            do throws(DeployError) { responses = try await hub.requestBatch(.download, batch) } catch {
                // A Space that has not been created yet has no objects.
                guard error.cause == .spaceMissing || !isWritable else { throw error }
                return pointers
            }
            for (oid, response) in responses {
                if case .action(let link) = response { links[oid] = (hub, link) }
            }
        }
        return pointers.unique.filter { links[$0.oid] == nil }
    }

    /// Asks the source's servers for objects, and stores the links. Returns the reasons for each
    /// object that no server has.
    func reasons(why pointers: [LFSPointer], in endpoints: LFSEndpoints) async throws(DeployError) -> [String:
        String]
    {
        var reasons: [String: [String]] = [:]
        for pointer in pointers where links[pointer.oid] == nil {
            reasons[pointer.oid] = endpoints.reasons(pointer)
        }
        for endpoint in endpoints.servers where !reasons.isEmpty {
            let remaining = pointers.unique.filter { reasons[$0.oid] != nil }
            let availabilities: [String: Availability]
            do throws(DeployError) { availabilities = try await queryServer(endpoint, remaining) } catch {
                var failure = error
                if let localReason = remaining.first.flatMap({ endpoints.reasons($0).first }) {
                    failure.details.append(
                        "contacted because LFS objects of the source are missing: \(localReason)")
                }
                throw failure
            }
            for pointer in remaining {
                switch availabilities[pointer.oid] {
                case .found(let server, let link):
                    links[pointer.oid] = (server, link)
                    reasons[pointer.oid] = nil
                case .absent(let reason): reasons[pointer.oid]?.append(reason)
                case nil: reasons[pointer.oid]?.append("\(endpoint.host) returned no result for it")
                }
            }
        }
        return reasons.mapValues { $0.joined(separator: ", ") }
    }

    private enum Availability {
        case found(LFSClient, LFSAction)
        /// The reason, in the server's words.
        case absent(String)
    }

    private func queryServer(_ endpoint: LFSEndpoints.Server, _ pointers: [LFSPointer])
        async throws(DeployError) -> [String:
        Availability]
    {
        func all(_ reason: String) -> [String: Availability] {
            Dictionary(pointers.map { ($0.oid, .absent(reason)) }) { first, _ in first }
        }
        if let objection = await objection(to: endpoint) {
            let overrideHint = "to allow it, add [source \"\(endpoint.origin)\"]"
            return all(
                "\(endpoint.host) from .lfsconfig is not contacted: \(objection) (\(overrideHint))")
        }
        let server = try server(at: endpoint)
        var availabilities: [String: Availability] = [:]
        for batch in pointers.batches(of: server.maxBatchSize) {
            let responses: [String: LFSObjectResponse]
            do throws(DeployError) { responses = try await server.requestBatch(.download, batch) } catch {
                // A temporary error or missing permissions do not mean that the object is missing.
                guard [.source, .refused].contains(error.kind) else { throw error }
                return all(([error.message] + error.details).joined(separator: ": "))
            }
            for (oid, response) in responses {
                switch response {
                case .action(let link): availabilities[oid] = .found(server, link)
                case .refused(let refusal):
                    availabilities[oid] = .absent("\(endpoint.host): \(refusal.description)")
                case .present: break
                }
            }
        }
        return availabilities
    }

    /// Returns the reason not to contact a server. A server that only a file of the source names
    /// must not be in a private network (SSRF).
    private func objection(to endpoint: LFSEndpoints.Server) async -> String? {
        guard let endpointOrigin = Origin(endpoint.url) else { return "it is not a valid URL" }
        let isTrusted = !endpoint.isForeign && (endpointOrigin.scheme == "https" || endpointOrigin.isLoopback)
        guard !isTrusted else { return nil }
        return await SSRFGuard(allowedHosts: access.named).rejectionReason(
            to: endpoint.url, trustedOrigin: endpointOrigin)
    }

    private func server(at endpoint: LFSEndpoints.Server) throws(DeployError) -> LFSClient {
        let url = endpoint.url.withoutUser
        let name = RepositoryName.displayName(url.absoluteString)
        var description = RemoteDescription(role: .source, name: name, host: Origin(url)?.hostAndPort ?? name)
        description.origin = endpoint.origin
        var authorization = endpoint.authorization
        if authorization == nil {
            authorization = try access.authorization(url, endpoint.isForeign)
        }
        return LFSClient(
            url: url, client: access.client, authorization: authorization ?? endpoint.url.userAuthorization,
            meter: access.meter, party: description,
            gate: endpoint.isForeign ? SSRFGuard(allowedHosts: access.named) : nil)
    }

    /// Returns the error with the names of the affected files in its details.
    private static func naming(_ files: [LFSFile], in error: DeployError) -> DeployError {
        var failure = error
        let shown = files.prefix(5).map(\.path.shown) + (files.count > 5 ? ["… \(files.count - 5) more"] : [])
        failure.details.append("needed for: " + shown.joined(separator: ", "))
        return failure
    }
}
