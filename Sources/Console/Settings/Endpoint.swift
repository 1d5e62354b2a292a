import Deploy
import Foundation
import HTTP

/// The Hub that a run talks to.
struct Endpoint: Hashable, Sendable, CustomStringConvertible {
    let url: URL
    let host: String
    let isLoopback: Bool

    static let standard = "https://huggingface.co"

    /// `HF_ENDPOINT`, then `spacesync.endpoint`, then huggingface.co.
    /// - Throws: kind `settings` for what is no URL of a Hub, or would carry a token in the clear.
    init(_ world: World, _ operators: OperatorSettings, hasBoundToken: Bool) throws(Failure) {
        if let text = world["HF_ENDPOINT"] {
            try self.init(text, from: "HF_ENDPOINT")
        } else if let setting = operators.endpoint {
            // A repository's configuration alone must not lead another endpoint's token to it.
            if case .repository = setting.origin, !hasBoundToken {
                throw Failure(
                    .settings, "spacesync.endpoint of \(setting.origin) counts only with a token of its own",
                    hint: "add [account \"OWNER\"] token = env:NAME beside it")
            }
            try self.init(setting.value, from: "spacesync.endpoint")
        } else {
            try self.init(Self.standard, from: "the default")
        }
    }

    private init(_ text: String, from origin: String) throws(Failure) {
        var trimmed = text[...]
        while trimmed.hasSuffix("/") { trimmed.removeLast() }
        guard let url = URL(string: String(trimmed)), let host = url.host(),
            let scheme = url.scheme?.lowercased(),
            ["http", "https"].contains(scheme), url.user == nil, url.password == nil, url.query == nil
        else {
            let isBare = !trimmed.contains("://") && URL(string: "http://\(trimmed)")?.host() != nil
            throw Failure(
                .settings, "\(origin) is no URL of a Hub",
                hint: isBare ? "write http:// or https:// before it" : "write https://huggingface.co")
        }
        (self.url, self.host) = (url, host)
        isLoopback = Self.isLoopback(host)
        guard scheme == "https" || isLoopback else {
            throw Failure(
                .settings, "\(origin) = \(trimmed): a token would travel in the clear",
                hint: "write https://, or use a loopback address")
        }
    }

    /// huggingface.co itself.
    var isHub: Bool { description == Self.standard }
    var description: String { url.absoluteString }

    /// The Hub as part of a file name: the host, and the port unless it is the scheme's own (`127.0.0.1_8080`), so that two
    /// Hubs on one machine share no lock and no state.
    var fileName: String {
        let origin = Origin(url).map { "\($0)" } ?? host
        return String(origin.lowercased().map { $0 == ":" || $0 == "/" ? "_" : $0 })
    }

    static func isLoopback(_ host: String) -> Bool {
        let name = host.lowercased().trimmingCharacters(in: ["[", "]"])
        return name == "localhost" || name.hasSuffix(".localhost") || name == "::1"
            || (name.hasPrefix("127.") && name.split(separator: ".").count == 4
                && name.allSatisfy { $0.isNumber || $0 == "." })
    }
}
