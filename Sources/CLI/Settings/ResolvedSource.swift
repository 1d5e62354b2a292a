import Essentials
import HTTP
import SpacesModel

/// The location of a source: a path on this machine, or a Git URL.
enum ResolvedSource: Hashable, Sendable {
    case path(String)
    /// A URL with the addresses it may resolve to: untrusted settings may use only public ones.
    case url(String, AllowedAddresses = .any)

    /// - Parameter base: the directory to which a relative path is resolved.
    init(_ text: String, in environment: CommandEnvironment, base: String? = nil) {
        switch SourceAddress(text) {
        case .file: self = URL(string: text).map { .path($0.path(percentEncoded: false)) } ?? .url(text)
        case .url, .scp, .invalid: self = .url(text)
        case .path: self = .path(environment.absolute(text, from: base))
        }
    }
}
