import Essentials
import Git
import HTTP
import SpacesModel

/// Who has an object: the Space, a directory of this machine, a server of the source's.
extension LargeFileCarrier {
    /// Finds each on this machine, on the Space or at a server of the source's, whose links are kept.
    /// - Returns: those that nobody has.
    func find(_ files: [LargeFile], in places: LFSPlaces) async throws(Failure) -> [LostFile] {
        let absent = files.filter { file in
            file.pointer.size > 0 && links[file.pointer.oid] == nil && places.file(of: file.pointer) == nil
        }
        let wanted = try await lacking(absent.map(\.pointer))
        let reasons: [String: String]
        do throws(Failure) { reasons = try await self.reasons(why: wanted, in: places) } catch {
            throw error.naming(absent.filter { wanted.contains($0.pointer) })
        }
        return absent.compactMap { file in reasons[file.pointer.oid].map { LostFile(file, why: $0) } }
    }

    /// Of these, what the Space does not have, as far as the Hub can be asked.
    private func lacking(_ pointers: [LFSPointer]) async throws(Failure) -> [LFSPointer] {
        guard let hub, !pointers.isEmpty else { return pointers }
        for batch in pointers.unique.batches(of: hub.most) {
            let answers: [String: LFSAnswer]
            do throws(Failure) { answers = try await hub.ask(.download, batch) } catch {
                // A Space that is still to be made has nothing.
                guard error.cause == .spaceMissing || !isWritable else { throw error }
                return pointers
            }
            for (oid, answer) in answers { if case .todo(let link) = answer { links[oid] = (hub, link) } }
        }
        return pointers.unique.filter { links[$0.oid] == nil }
    }

    /// Asks the source's servers for objects; what none of them has is given with the reason. Links are kept.
    func reasons(why pointers: [LFSPointer], in places: LFSPlaces) async throws(Failure) -> [String:
        String]
    {
        var reasons: [String: [String]] = [:]
        for pointer in pointers where links[pointer.oid] == nil {
            reasons[pointer.oid] = places.reasons(pointer)
        }
        for place in places.servers where !reasons.isEmpty {
            let rest = pointers.unique.filter { reasons[$0.oid] != nil }
            let answers: [String: Offer]
            do throws(Failure) { answers = try await ask(place, rest) } catch {
                var failure = error
                if let here = rest.first.flatMap({ places.reasons($0).first }) {
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

    private enum Offer {
        case found(LFSServer, LFSLink)
        /// In the server's words.
        case absent(String)
    }

    private func ask(_ place: LFSPlaces.Server, _ pointers: [LFSPointer]) async throws(Failure) -> [String:
        Offer]
    {
        func all(_ words: String) -> [String: Offer] {
            Dictionary(pointers.map { ($0.oid, .absent(words)) }) { first, _ in first }
        }
        if let objection = await objection(to: place) {
            let way = "[source \"\(place.origin)\"] lets it be asked"
            return all("\(place.host), which .lfsconfig names, is not asked: \(objection) (\(way))")
        }
        let server = try server(at: place)
        var offers: [String: Offer] = [:]
        for batch in pointers.batches(of: server.most) {
            let answers: [String: LFSAnswer]
            do throws(Failure) { answers = try await server.ask(.download, batch) } catch {
                // What may be there tomorrow, or for others, is no reason to call it lost.
                guard [.source, .refused].contains(error.kind) else { throw error }
                return all(([error.message] + error.details).joined(separator: ": "))
            }
            for (oid, answer) in answers {
                switch answer {
                case .todo(let link): offers[oid] = .found(server, link)
                case .refused(let refusal): offers[oid] = .absent("\(place.host) says: \(refusal.words)")
                case .there: break
                }
            }
        }
        return offers
    }

    /// A server that only a file of the source names must not lead into this machine's network.
    private func objection(to place: LFSPlaces.Server) async -> String? {
        guard let home = Origin(place.url) else { return "it is no address" }
        let isOwn = !place.isForeign && (home.scheme == "https" || home.isLoopback)
        guard !isOwn else { return nil }
        return await ForeignGate(named: access.named).objection(to: place.url, home: home)
    }

    private func server(at place: LFSPlaces.Server) throws(Failure) -> LFSServer {
        let url = place.url.withoutUser
        let name = RepositoryName.shown(url.absoluteString)
        var party = Party(role: .source, name: name, host: Origin(url)?.shown ?? name)
        party.origin = place.origin
        var authorization = place.authorization
        if authorization == nil {
            authorization = try access.authorization(url, place.isForeign)
        }
        return LFSServer(
            url: url, client: access.client, authorization: authorization ?? place.url.userAuthorization,
            meter: access.meter, party: party,
            gate: place.isForeign ? ForeignGate(named: access.named) : nil)
    }
}

extension Failure {
    /// With the files that it is about.
    fileprivate func naming(_ files: [LargeFile]) -> Failure {
        var failure = self
        let shown = files.prefix(5).map(\.path.shown) + (files.count > 5 ? ["… \(files.count - 5) more"] : [])
        failure.details.append("wanted: " + shown.joined(separator: ", "))
        return failure
    }
}
