import Essentials

/// How objects are asked for, from the leanest way to the one that every server knows.
enum FetchStrategy: Int, CaseIterable, Comparable, Sendable {
    /// At once, shallow, without blobs.
    case lean
    /// The same with blobs: the server knows no filter.
    case unfiltered
    /// In Git's own order: the advertisement first, then as much of this as it offers.
    case advertised
    /// All of the history.
    case complete

    static func < (left: FetchStrategy, right: FetchStrategy) -> Bool { left.rawValue < right.rawValue }
}

/// Remembers, a file for each host in the cache, which manner a host needs.
struct FetchStrategyCache: Sendable {
    let directory: String
    /// Servers get better: after this time the lean way is tried again.
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
