import Essentials
import Git
import HTTP
import SpacesModel

/// Who has an object: the Space, a directory of this machine, a server of the source's.
extension LFSTransferManager {
    /// Finds each on this machine, on the Space or at a server of the source's, whose links are kept.
    /// - Returns: those that nobody has.
    func find(_ files: [LFSFile], in endpoints: LFSEndpoints) async throws(DeployError) -> [MissingLFSObject]
    {
        let absent = files.filter { file in
            file.pointer.size > 0 && links[file.pointer.oid] == nil && endpoints.file(of: file.pointer) == nil
        }
        let wanted = try await missingFromSpace(absent.map(\.pointer))
        let reasons: [String: String]
        do throws(DeployError) { reasons = try await self.reasons(why: wanted, in: endpoints) } catch {
            throw error.naming(absent.filter { wanted.contains($0.pointer) })
        }
        return absent.compactMap { file in reasons[file.pointer.oid].map { MissingLFSObject(file, why: $0) } }
    }

    /// Of these, what the Space does not have, as far as the Hub can be asked.
    private func missingFromSpace(_ pointers: [LFSPointer]) async throws(DeployError) -> [LFSPointer] {
        guard let hub, !pointers.isEmpty else { return pointers }
        for batch in pointers.unique.batches(of: hub.maxBatchSize) {
            let answers: [String: LFSObjectResponse]
            do throws(DeployError) { answers = try await hub.requestBatch(.download, batch) } catch {
                // A Space that is still to be made has nothing.
                guard error.cause == .spaceMissing || !isWritable else { throw error }
                return pointers
            }
            for (oid, answer) in answers { if case .action(let link) = answer { links[oid] = (hub, link) } }
        }
        return pointers.unique.filter { links[$0.oid] == nil }
    }

    /// Asks the source's servers for objects; what none of them has is given with the reason. Links are kept.
    func reasons(why pointers: [LFSPointer], in endpoints: LFSEndpoints) async throws(DeployError) -> [String:
        String]
    {
        var reasons: [String: [String]] = [:]
        for pointer in pointers where links[pointer.oid] == nil {
            reasons[pointer.oid] = endpoints.reasons(pointer)
        }
        for place in endpoints.servers where !reasons.isEmpty {
            let rest = pointers.unique.filter { reasons[$0.oid] != nil }
            let answers: [String: Availability]
            do throws(DeployError) { answers = try await queryServer(place, rest) } catch {
                var failure = error
                if let here = rest.first.flatMap({ endpoints.reasons($0).first }) {
                    failure.details.append("asked because LFS files of the source are \(here)")
                }
                throw failure
            }
            for pointer in rest {
                switch answers[pointer.oid] {
                case .found(let server, let link):
                    links[pointer.oid] = (server, link)
                    reasons[pointer.oid] = nil
                case .absent(let words): reasons[pointer.oid]?.append(words)
                case nil: reasons[pointer.oid]?.append("\(place.host) says nothing of it")
                }
            }
        }
        return reasons.mapValues { $0.joined(separator: ", ") }
    }

    private enum Availability {
        case found(LFSClient, LFSAction)
        /// In the server's words.
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
            let way = "[source \"\(endpoint.origin)\"] lets it be asked"
            return all("\(endpoint.host), which .lfsconfig names, is not asked: \(objection) (\(way))")
        }
        let server = try server(at: endpoint)
        var offers: [String: Availability] = [:]
        for batch in pointers.batches(of: server.maxBatchSize) {
            let answers: [String: LFSObjectResponse]
            do throws(DeployError) { answers = try await server.requestBatch(.download, batch) } catch {
                // What may be there tomorrow, or for others, is no reason to call it lost.
                guard [.source, .refused].contains(error.kind) else { throw error }
                return all(([error.message] + error.details).joined(separator: ": "))
            }
            for (oid, answer) in answers {
                switch answer {
                case .action(let link): offers[oid] = .found(server, link)
                case .refused(let refusal):
                    offers[oid] = .absent("\(endpoint.host) says: \(refusal.description)")
                case .present: break
                }
            }
        }
        return offers
    }

    /// A server that only a file of the source names must not lead into this machine's network.
    private func objection(to endpoint: LFSEndpoints.Server) async -> String? {
        guard let home = Origin(endpoint.url) else { return "it is no address" }
        let isOwn = !endpoint.isForeign && (home.scheme == "https" || home.isLoopback)
        guard !isOwn else { return nil }
        return await SSRFGuard(allowedHosts: access.named).rejectionReason(
            to: endpoint.url, trustedOrigin: home)
    }

    private func server(at endpoint: LFSEndpoints.Server) throws(DeployError) -> LFSClient {
        let url = endpoint.url.withoutUser
        let name = RepositoryName.displayName(url.absoluteString)
        var party = RemoteDescription(role: .source, name: name, host: Origin(url)?.hostAndPort ?? name)
        party.origin = endpoint.origin
        var authorization = endpoint.authorization
        if authorization == nil {
            authorization = try access.authorization(url, endpoint.isForeign)
        }
        return LFSClient(
            url: url, client: access.client, authorization: authorization ?? endpoint.url.userAuthorization,
            meter: access.meter, party: party,
            gate: endpoint.isForeign ? SSRFGuard(allowedHosts: access.named) : nil)
    }
}

extension DeployError {
    /// With the files that it is about.
    fileprivate func naming(_ files: [LFSFile]) -> DeployError {
        var failure = self
        let shown = files.prefix(5).map(\.path.shown) + (files.count > 5 ? ["… \(files.count - 5) more"] : [])
        failure.details.append("wanted: " + shown.joined(separator: ", "))
        return failure
    }
}
