import Essentials
import HTTP
import SpacesModel

extension SmartHTTPRemote {
    /// Fetches the references for reading, in one request. `ls-refs` of protocol version 2 returns
    /// only the wanted prefixes; the advertisement would contain every pull request of a large
    /// repository. If the server does not support `ls-refs`, the advertisement is used and the
    /// strategy is cached.
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
        /// The repository has moved; a plain GET may follow the redirect.
        case moved
        case notUnderstood
    }

    private func listing(_ prefixes: [String]) async throws(DeployError) -> Listing {
        let response: HTTPClientResponse
        do throws(HTTPError) { response = try await client.send(lsRefs(prefixes), meter: meter) } catch {
            if case .redirect = error { return .moved }
            throw party.failure(error)
        }
        // The advertisement would fail in the same way if permissions are missing or the server is
        // down.
        if Self.isFinal(response.status) {
            throw party.failure(response, service: .uploadPack, hasToken: authorization != nil)
        }
        let type = response.headers["Content-Type"]?.lowercased() ?? ""
        guard response.isSuccess, type.hasPrefix("application/x-git-upload-pack-result"),
            let references = try? RefAdvertisement(listing: response.body)
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
