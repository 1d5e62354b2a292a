import Essentials
import HTTP
import SpacesModel

extension SmartHTTPRemote {
    /// What references there are, for reading. One request: `ls-refs` of protocol 2 names only those that are wanted,
    /// where the advertisement would name every pull request of a large repository. A server that does not know it is
    /// asked for the advertisement, and remembered.
    mutating func references(
        _ prefixes: [String], strategyCache: FetchStrategyCache?
    ) async throws(DeployError) -> RefAdvertisement {
        guard strategyCache?.strategy(for: party.host, "refs") ?? .lean == .lean else {
            return try await advertisement(of: .uploadPack)
        }
        switch try await listing(prefixes) {
        case .listed(let references): return references
        case .moved: break
        case .notUnderstood: strategyCache?.remember(.advertised, for: party.host, "refs")
        }
        return try await advertisement(of: .uploadPack)
    }

    private enum Listing {
        case listed(RefAdvertisement)
        /// The repository lives elsewhere; a plain GET may follow it.
        case moved
        case notUnderstood
    }

    private func listing(_ prefixes: [String]) async throws(DeployError) -> Listing {
        let answer: HTTPClientResponse
        do throws(HTTPError) { answer = try await client.send(lsRefs(prefixes), meter: meter) } catch {
            if case .redirect = error { return .moved }
            throw party.failure(error)
        }
        // What concerns rights and outages the advertisement would say again.
        if Self.isFinal(answer.status) {
            throw party.failure(answer, service: .uploadPack, hasToken: authorization != nil)
        }
        let type = answer.headers["Content-Type"]?.lowercased() ?? ""
        guard answer.isSuccess, type.hasPrefix("application/x-git-upload-pack-result"),
            let references = try? RefAdvertisement(listing: answer.body)
        else { return .notUnderstood }
        return .listed(references)
    }

    private func lsRefs(_ prefixes: [String]) -> HTTPClientRequest {
        var packets: [PktLine] = [.line("command=ls-refs\n"), .line("agent=\(agent)\n"), .delimiter]
        packets += [.line("peel\n"), .line("symrefs\n")]
        packets += prefixes.map { .line("ref-prefix \($0)\n") } + [.flush]
        var request = request(.uploadPack, .bytes(Data(packets.flatMap(\.bytes))))
        request.headers["Git-Protocol"] = "version=2"
        (request.responseLimit, request.acceptsCompression) = (64 << 20, true)
        return request
    }
}
