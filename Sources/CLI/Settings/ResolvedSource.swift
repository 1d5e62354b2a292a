import Essentials
import HTTP
import SpacesModel

/// Where a source is: a path on this machine, or a Git URL.
enum ResolvedSource: Hashable, Sendable {
    case path(String)
    /// With where its host may be: untrusted settings name public ones only.
    case url(String, AllowedAddresses = .any)

    /// - Parameter base: the directory that a relative path is relative to.
    init(_ text: String, in environment: CommandEnvironment, base: String? = nil) {
        switch SourceAddress(text) {
        case .file: self = URL(string: text).map { .path($0.path(percentEncoded: false)) } ?? .url(text)
        case .url, .scp, .invalid: self = .url(text)
        case .path: self = .path(environment.absolute(text, from: base))
        }
    }
}
