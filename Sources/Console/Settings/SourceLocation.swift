import Deploy
import Foundation
import HTTP

/// Where a source is: a path on this machine, or a Git URL.
enum SourceLocation: Hashable, Sendable {
    case path(String)
    /// With where its host may be: untrusted settings name public ones only.
    case url(String, AllowedAddresses = .any)

    /// - Parameter base: the directory that a relative path is relative to.
    init(_ text: String, in world: World, base: String? = nil) {
        if let path = Self.filePath(text) {
            self = .path(path)
        } else if text.contains("://") || Self.isSecureShell(text) {
            self = .url(text)
        } else {
            self = .path(world.absolute(text, from: base))
        }
    }

    private static func filePath(_ text: String) -> String? {
        guard text.hasPrefix("file://") else { return nil }
        return URL(string: text)?.path(percentEncoded: false)
    }

    /// `git@host:path`, as `ssh` writes it; not `C:path` or `./a:b`.
    private static func isSecureShell(_ text: String) -> Bool {
        guard let colon = text.firstIndex(of: ":") else { return false }
        let host = text[..<colon]
        return host.count > 1 && !host.contains("/") && host.contains("@")
    }
}
