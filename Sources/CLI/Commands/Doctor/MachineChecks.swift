import Essentials
import Git
import HTTP
import HubAPI
import SpacesModel
import TextTools

/// Checks of this machine and of its connection to the Hub.
struct MachineChecks: Sendable {
    private let context: RunContext

    init(_ context: RunContext) { self.context = context }

    func all() async -> [DoctorCheck] { [version, cache, proxy, certificates] + (await hub()) }

    private var version: DoctorCheck {
        let ssh = LibraryVersion.supportsSSH ? "" : " (without ssh)"
        return DoctorCheck(
            "version", .good, "spacesync \(CommandLineTool.version) with libgit2 \(LibraryVersion.text)\(ssh)"
        )
    }

    private var cache: DoctorCheck {
        let cache = context.cache
        let probe = cache.path + "/.doctor-\(UUID().uuidString)"
        let files = FileManager.default
        try? files.createDirectory(
            atPath: cache.path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        guard files.createFile(atPath: probe, contents: nil) else {
            return DoctorCheck(
                "cache", .warning, "\(cache.path) is not writable: each deploy fetches everything again",
                fix: "make it writable, or set another: git config spacesync.cache DIR")
        }
        try? files.removeItem(atPath: probe)
        return DoctorCheck("cache", .good, "\(cache.path): \(CacheCommand.summary(of: cache.entries()))")
    }

    /// The proxy for the Hub; a source may use a different one.
    private var proxy: DoctorCheck {
        guard let setting = context.network.proxySetting(for: context.endpoint.url),
            let proxy = context.network.proxy(for: context.endpoint.url)
        else { return DoctorCheck("proxy", .good, "none for \(context.endpoint)") }
        guard proxy.isSupported else {
            return DoctorCheck(
                "proxy", .bad(.settings), "\(proxy) (\(setting.origin)) is not a supported proxy",
                fix: "use http://HOST:PORT, https://, socks4a://, socks5:// or socks5h://")
        }
        return DoctorCheck("proxy", .good, "\(proxy) (\(setting.origin))")
    }

    private var certificates: DoctorCheck {
        let trust = context.network.trust(for: context.endpoint.url)
        let authorities = [trust.authorities, trust.authorityDirectory].compactMap { $0 }
        let clientFiles = [trust.certificate, trust.key].compactMap { $0 }
        func describe(_ settings: [SettingValue]) -> String {
            settings.map { "\($0.value) (\($0.origin))" }.joined(separator: " and ")
        }
        let text =
            (authorities.isEmpty
                ? "the system's certificate authorities"
                : "certificate authorities: " + describe(authorities))
            + (clientFiles.isEmpty ? "" : "; client certificate: " + describe(clientFiles))
        let unreadable = (authorities + clientFiles).first {
            !FileManager.default.isReadableFile(atPath: $0.value)
        }
        guard let unreadable else { return DoctorCheck("certificates", .good, text) }
        return DoctorCheck(
            "certificates", .bad(.permissionDenied),
            "\(unreadable.value) (\(unreadable.origin)) cannot be read",
            fix: "set a readable file, or unset \(unreadable.origin)")
    }

    /// Checks with one request whether the Hub responds and its certificate is trusted, the clock,
    /// and the request quota.
    private func hub() async -> [DoctorCheck] {
        let route =
            context.network.proxy(for: context.endpoint.url)
            .map { " through the proxy \($0)" } ?? ""
        do throws(DeployError) {
            let health = try await context.hub(nil, nil).fetchHealth()
            return [
                DoctorCheck("hub", .good, "\(context.endpoint) responds\(route)"), clock(health),
                quota(health),
            ].compactMap { $0 }
        } catch {
            var check = DoctorCheck("hub", error)
            check.text += route
            return [check]
        }
    }

    private func clock(_ health: HubHealth) -> DoctorCheck? {
        guard let skew = health.clockSkew else { return nil }
        guard abs(skew) > 60 else { return DoctorCheck("clock", .good, "in sync with the Hub") }
        return DoctorCheck(
            "clock", .warning, "\(abs(skew)) s \(skew > 0 ? "ahead of" : "behind") the Hub's",
            fix: "synchronise the clock: timedatectl set-ntp true")
    }

    private func quota(_ health: HubHealth) -> DoctorCheck? {
        health.quota.map { DoctorCheck(quota: $0, of: "without a token") }
    }
}

extension DoctorCheck {
    /// A check of the requests left in the current rate-limit window.
    init(quota: RequestQuota, of subject: String) {
        let total = quota.limit.map { " of \($0)" } ?? ""
        let reset = quota.reset.map { ", resets in \($0) s" } ?? ""
        let isLow = quota.limit.map { quota.remaining * 10 < $0 } ?? (quota.remaining < 50)
        self.init(
            "requests", isLow ? .warning : .good, "\(quota.remaining)\(total) left \(subject)\(reset)",
            fix: isLow
                ? "wait, or send fewer requests: all programs that use this token share the limit" : nil)
    }
}
