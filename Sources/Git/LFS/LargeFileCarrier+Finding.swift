import Deploy
import Foundation
import HTTP

/// Who has an object: the Space, a directory of this machine, a server of the source's.
extension LargeFileCarrier {
    /// Of these, what the Space does not have, as far as the Hub can be asked.
    func lacking(_ pointers: [LFSPointer]) async throws(Failure) -> [LFSPointer] {
        guard let hub, !pointers.isEmpty else { return pointers }
        var there: Set<String> = []
        for batch in pointers.unique.batches(of: hub.most) {
            let answers: [String: LFSAnswer]
            do throws(Failure) { answers = try await hub.ask(.download, batch) } catch {
                // A Space that is still to be made has nothing.
                guard error.cause == .spaceMissing || !isWritable else { throw error }
                return pointers
            }
            for (oid, answer) in answers { if case .todo = answer { there.insert(oid) } }
        }
        return pointers.unique.filter { !there.contains($0.oid) }
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
            authorization = try access.authorization(url.absoluteString, place.isForeign)
        }
        return LFSServer(
            url: url, client: access.client, authorization: authorization ?? place.url.userAuthorization,
            meter: access.meter, party: party,
            gate: place.isForeign ? ForeignGate(named: access.named) : nil)
    }
}
