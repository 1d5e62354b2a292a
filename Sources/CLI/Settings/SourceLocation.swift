import Essentials
import HTTP
import SpacesModel

/// Where a source is: a path on this machine, or a Git URL.
enum SourceLocation: Hashable, Sendable {
    case path(String)
    /// With where its host may be: untrusted settings name public ones only.
    case url(String, AllowedAddresses = .any)

    /// - Parameter base: the directory that a relative path is relative to.
    init(_ text: String, in world: World, base: String? = nil) {
        switch SourceAddress(text) {
        case .file: self = URL(string: text).map { .path($0.path(percentEncoded: false)) } ?? .url(text)
        case .url, .shell, .invalid: self = .url(text)
        case .path: self = .path(world.absolute(text, from: base))
        }
    }
}
