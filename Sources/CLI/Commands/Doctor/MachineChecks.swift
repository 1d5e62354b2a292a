import Essentials
import Git
import HTTP
import HubAPI
import SpacesModel
import TextTools

/// This machine, and its way to the Hub.
struct MachineChecks: Sendable {
    private let workshop: Workshop

    init(_ workshop: Workshop) { self.workshop = workshop }

    func all() async -> [Checkup] { [version, cache, proxy, certificates] + (await hub()) }

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

    /// The way to the Hub; a source may have another.
    private var proxy: Checkup {
        guard let setting = workshop.network.proxySetting(for: workshop.endpoint.url),
            let proxy = workshop.network.proxy(for: workshop.endpoint.url)
        else { return Checkup("proxy", .good, "none for \(workshop.endpoint)") }
        guard proxy.isSupported else {
            return Checkup(
                "proxy", .bad(.settings), "\(proxy) (\(setting.origin)) is not a proxy that can be used",
                mend: "write http://HOST:PORT, https://, socks4a://, socks5:// or socks5h://")
        }
        return Checkup("proxy", .good, "\(proxy) (\(setting.origin))")
    }

    private var certificates: Checkup {
        let trust = workshop.network.trust(for: workshop.endpoint.url)
        let authorities = [trust.authorities, trust.authorityDirectory].compactMap { $0 }
        let own = [trust.certificate, trust.key].compactMap { $0 }
        func shown(_ settings: [SettingValue]) -> String {
            settings.map { "\($0.value) (\($0.origin))" }.joined(separator: " and ")
        }
        let text =
            (authorities.isEmpty ? "the system's authorities" : "the authorities of " + shown(authorities))
            + (own.isEmpty ? "" : "; our own certificate: " + shown(own))
        let lost = (authorities + own).first { !FileManager.default.isReadableFile(atPath: $0.value) }
        guard let lost else { return Checkup("certificates", .good, text) }
        return Checkup(
            "certificates", .bad(.notAllowed), "\(lost.value) (\(lost.origin)) cannot be read",
            mend: "name a file that is there, or unset \(lost.origin)")
    }

    /// One request tells whether it answers, whether its certificate is trusted, what time it is, and what is left to ask.
    private func hub() async -> [Checkup] {
        let way =
            workshop.network.proxy(for: workshop.endpoint.url)
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
