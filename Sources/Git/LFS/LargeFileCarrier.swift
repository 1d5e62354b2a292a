import Deploy
import Foundation
import HTTP

/// Carries LFS objects from where a source has them to the Space's storage: files of this machine and blobs straight,
/// what only the source's server has through a spool. Never through memory whole, but for blobs, which Git keeps so.
package actor LargeFileCarrier: LargeFileCarrying {
    /// What the carrier needs of the world.
    package struct Access: Sendable {
        package var client: Client
        package var meter: Meter?
        /// Transfers at a time.
        package var jobs = 4
        /// Of the cache: where objects lie on their way.
        package var directory: String
        /// For a source's LFS server, by its address.
        package var authorization: @Sendable (String) throws(Failure) -> Authorization?
        /// Hosts that the operator named: they may be asked wherever they are.
        package var named: Set<String>

        package init(
            client: Client, meter: Meter?, directory: String, named: Set<String>,
            authorization: @escaping @Sendable (String) throws(Failure) -> Authorization?
        ) {
            (self.client, self.meter, self.directory) = (client, meter, directory)
            (self.named, self.authorization) = (named, authorization)
        }
    }

    /// The Space's repository on the Hub.
    package struct Space: Sendable {
        package var url: URL
        package var name: String
        package var authorization: Authorization?
        package var branch: String

        package init(at url: URL, named name: String, authorization: Authorization?, branch: String) {
            (self.url, self.name) = (url, name)
            (self.authorization, self.branch) = (authorization, branch)
        }
    }

    let source: any GitSource
    let store: ObjectStore
    let access: Access
    /// nil where no Hub is asked (`check`).
    let hub: LFSServer?
    /// Whether objects may be sent: it is asked as for an upload then, and the links serve it.
    private let isWritable: Bool
    /// Links of the source's servers to what is not on this machine, by the object's id.
    var links: [String: (server: LFSServer, link: LFSLink)] = [:]

    package init(
        from source: any GitSource, in store: ObjectStore, to space: Space?, isWritable: Bool,
        _ access: Access
    ) {
        (self.source, self.store, self.access, self.isWritable) = (source, store, access, isWritable)
        hub = space.map { space in
            let party = Party(role: .space, name: space.name, host: Origin(space.url)?.shown ?? "the Hub")
            return LFSServer(
                url: URL(string: space.url.absoluteString + ".git/info/lfs") ?? space.url,
                client: access.client,
                authorization: space.authorization, meter: access.meter, party: party,
                reference: "refs/heads/\(space.branch)")
        }
    }

    package func lost(among files: [LargeFile], of snapshot: Snapshot) async throws(Failure) -> [LostFile] {
        let pointed = files.filter { $0.content == .object && $0.pointer.size > 0 }
        guard !pointed.isEmpty else { return [] }
        let places = await source.largeFilePlaces(of: snapshot.commit)
        let absent = pointed.filter { places.file(of: $0.pointer) == nil }
        let wanted = try await lacking(absent.map(\.pointer))
        let reasons = try await reasons(why: wanted, in: places)
        return absent.compactMap { file in reasons[file.pointer.oid].map { LostFile(file, why: $0) } }
    }

    /// Of these, what the Space does not have, as far as the Hub can be asked.
    private func lacking(_ pointers: [LFSPointer]) async throws(Failure) -> [LFSPointer] {
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
        let here = places.directories.isEmpty ? "" : "not in \(places.directories[0])"
        var reasons = Dictionary(pointers.map { ($0.oid, [here].filter { !$0.isEmpty }) }) { first, _ in first
        }
        for place in places.servers where !reasons.isEmpty {
            let rest = pointers.unique.filter { reasons[$0.oid] != nil }
            let answers = try await ask(place, rest)
            for pointer in rest {
                switch answers[pointer.oid] {
                case .found(let server, let link):
                    links[pointer.oid] = (server, link)
                    reasons[pointer.oid] = nil
                case .absent(let words): reasons[pointer.oid]?.append("\(place.host) says: \(words)")
                case nil: reasons[pointer.oid]?.append("\(place.host) says nothing of it")
                }
            }
        }
        if places.servers.isEmpty {
            for oid in reasons.keys { reasons[oid]?.append("and its repository names no LFS server") }
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
        if let objection = await objection(to: place) { return all("not asked: \(objection)") }
        let server = try server(at: place)
        var offers: [String: Offer] = [:]
        for batch in pointers.batches(of: server.most) {
            let answers: [String: LFSAnswer]
            do throws(Failure) { answers = try await server.ask(.download, batch) } catch {
                // What may be there tomorrow is no reason to call it lost.
                guard [.source, .notAllowed, .refused].contains(error.kind) else { throw error }
                return all(([error.message] + error.details).joined(separator: ": "))
            }
            for (oid, answer) in answers {
                switch answer {
                case .todo(let link): offers[oid] = .found(server, link)
                case .refused(let refusal): offers[oid] = .absent(refusal.words)
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
        let party = Party(role: .source, name: name, host: Origin(url)?.shown ?? name)
        var authorization = place.authorization
        if authorization == nil { authorization = try access.authorization(url.absoluteString) }
        return LFSServer(
            url: url, client: access.client, authorization: authorization ?? place.url.userAuthorization,
            meter: access.meter, party: party)
    }

    package func send(_ files: [LargeFile], of snapshot: Snapshot, _ say: @escaping Say) async throws(Failure)
    {
        guard let hub else { throw Failure(.internalFault, "there is no Hub to send LFS objects to") }
        let files = files.filter { $0.pointer.size > 0 }.uniqueByObject
        let places = await source.largeFilePlaces(of: snapshot.commit)
        let gauge = TransferGauge(files.map(\.pointer), say)
        var run = TransferRun(hub: hub, jobs: access.jobs, gauge: gauge, say: say)
        for batch in files.batches(of: hub.most) {
            let answers = try await hub.ask(.upload, batch.map(\.pointer))
            let wanted = batch.filter { file in
                if case .there? = answers[file.pointer.oid] { false } else { true }
            }
            batch.filter { !wanted.contains($0) }.forEach { gauge.add($0.pointer.size, file: 1) }
            try await findLinks(wanted, places)
            let transfers = wanted.map { file in
                Transfer(
                    file: file, answer: answers[file.pointer.oid], origin: origin(of: file, in: places),
                    store: store, access: access, among: wanted.count)
            }
            await run.run(transfers)
            try run.check()
        }
    }

    /// Links to what is not on this machine.
    private func findLinks(_ files: [LargeFile], _ places: LFSPlaces) async throws(Failure) {
        let absent = files.filter { file in
            file.content == .object && links[file.pointer.oid] == nil && places.file(of: file.pointer) == nil
        }
        guard !absent.isEmpty else { return }
        let reasons = try await reasons(why: absent.map(\.pointer), in: places)
        guard let file = absent.first(where: { reasons[$0.pointer.oid] != nil }) else { return }
        throw Failure(
            .source, "the LFS object of \(file.path.shown) is nowhere: \(reasons[file.pointer.oid] ?? "")",
            hint: "from a clone that has it: git lfs push --all origin")
    }

    private func origin(of file: LargeFile, in places: LFSPlaces) -> Transfer.Origin {
        switch file.content {
        case .blob(let blob): .blob(blob)
        case .object:
            if let path = places.file(of: file.pointer) {
                .file(path)
            } else {
                .server(links[file.pointer.oid]?.server, links[file.pointer.oid]?.link)
            }
        }
    }
}

extension Array {
    func batches(of count: Int) -> [[Element]] {
        stride(from: 0, to: self.count, by: count).map { Array(self[$0..<Swift.min($0 + count, self.count)]) }
    }
}

extension [LFSPointer] {
    /// Each once, in order.
    var unique: [LFSPointer] {
        var seen: Set<String> = []
        return filter { seen.insert($0.oid).inserted }
    }
}

extension [LargeFile] {
    /// One for each object.
    fileprivate var uniqueByObject: [LargeFile] {
        var seen: Set<String> = []
        return filter { seen.insert($0.pointer.oid).inserted }
    }
}
