import Essentials

/// The strategies to fetch objects, from the most efficient to the one that every server supports.
enum FetchStrategy: Int, CaseIterable, Comparable, Sendable {
    /// A single request, shallow and without blobs.
    case lean
    /// A single shallow request with blobs, for servers without filter support.
    case unfiltered
    /// In Git's own order: reads the ref advertisement first, then uses the capabilities it offers.
    case advertised
    /// Fetches the full history.
    case complete

    static func < (left: FetchStrategy, right: FetchStrategy) -> Bool { left.rawValue < right.rawValue }
}

/// A cache of the fetch strategy that each host needs, in one file per host.
struct FetchStrategyCache: Sendable {
    let directory: String
    /// After this time in seconds the lean strategy is tried again, since servers get upgraded.
    private static let lifetime: TimeInterval = 24 * 3600

    func strategy(for host: String, _ what: String) -> FetchStrategy {
        let path = file(host, what)
        guard let date = try? FileManager.default.attributesOfItem(atPath: path)[.modificationDate] as? Date,
            Date().timeIntervalSince(date) < Self.lifetime,
            let bytes = PlainFile.read(path, limit: 16)
        else { return .lean }
        return Int(String(decoding: bytes, as: UTF8.self)).flatMap(FetchStrategy.init) ?? .lean
    }

    func remember(_ strategy: FetchStrategy, for host: String, _ what: String) {
        guard strategy != self.strategy(for: host, what) else { return }
        PlainFile.replace(file(host, what), with: Array("\(strategy.rawValue)".utf8))
    }

    private func file(_ host: String, _ what: String) -> String {
        let name = host.map { $0.isLetter || $0.isNumber || $0 == "." ? $0 : "-" }
        return directory + "/wire-\(String(name))-\(what)"
    }
}
