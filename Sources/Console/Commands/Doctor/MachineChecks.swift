import Deploy
import Foundation
import Git
import HTTP
import Hub

/// This machine, and its way to the Hub.
struct MachineChecks: Sendable {
    private let workshop: Workshop

    init(_ workshop: Workshop) { self.workshop = workshop }

    func all() async -> [Checkup] { [version, cache] + (await hub()) }

    private var version: Checkup {
        let ssh = LibraryVersion.speaksSSH ? "" : " (without ssh)"
        return Checkup(
            "version", .good, "spacesync \(Console.version) with libgit2 \(LibraryVersion.text)\(ssh)")
    }

    private var cache: Checkup {
        let cache = workshop.cache
        let probe = cache.path + "/.doctor-\(UUID().uuidString)"
        let files = FileManager.default
        try? files.createDirectory(
            atPath: cache.path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        guard files.createFile(atPath: probe, contents: nil) else {
            return Checkup(
                "cache", .warning, "\(cache.path) cannot be written: each deploy fetches everything anew",
                mend: "make it writable, or name another: git config spacesync.cache DIR")
        }
        try? files.removeItem(atPath: probe)
        let entries = cache.entries()
        let size = entries.reduce(0) { $0.addingClamped($1.size) }
        return Checkup(
            "cache", .good,
            "\(cache.path): \(entries.count == 1 ? "1 store" : "\(entries.count) stores"), \(size.asSize)")
    }

    /// One request tells whether it answers, whether its certificate is trusted, what time it is, and what is left to ask.
    private func hub() async -> [Checkup] {
        let way =
            NetworkSettings(environment: workshop.world.environment).proxy(for: workshop.endpoint.url)
            .map { " through the proxy \($0)" } ?? ""
        do throws(Failure) {
            let vitals = try await workshop.hub(nil, nil).vitals()
            return [
                Checkup("hub", .good, "\(workshop.endpoint) answers\(way)"), clock(vitals), quota(vitals),
            ].compactMap { $0 }
        } catch {
            var checkup = Checkup("hub", error)
            checkup.text += way
            return [checkup]
        }
    }

    private func clock(_ vitals: Vitals) -> Checkup? {
        guard let ahead = vitals.clockAhead else { return nil }
        guard abs(ahead) > 60 else { return Checkup("clock", .good, "as the Hub's") }
        return Checkup(
            "clock", .warning, "\(abs(ahead)) s \(ahead > 0 ? "ahead of" : "behind") the Hub's",
            mend: "set it by the network: timedatectl set-ntp true")
    }

    private func quota(_ vitals: Vitals) -> Checkup? {
        vitals.quota.map { Checkup(quota: $0, of: "without a token") }
    }
}

extension Checkup {
    /// What may still be asked in this window.
    init(quota: RequestQuota, of whom: String) {
        let whole = quota.whole.map { " of \($0)" } ?? ""
        let reset = quota.reset.map { ", all of them again in \($0) s" } ?? ""
        let isLow = quota.whole.map { quota.left * 10 < $0 } ?? (quota.left < 50)
        self.init(
            "requests", isLow ? .warning : .good, "\(quota.left)\(whole) left \(whom)\(reset)",
            mend: isLow ? "wait, or ask less often: everything that uses this token counts" : nil)
    }
}
