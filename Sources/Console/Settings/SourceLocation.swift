import Deploy
import Foundation

/// Where a source is: a path on this machine, or a Git URL.
enum SourceLocation: Hashable, Sendable {
    case path(String)
    case url(String)

    /// - Parameter base: the directory that a relative path is relative to.
    init(_ text: String, in world: World, base: String? = nil) {
        switch SourceAddress(text) {
        case .file: self = URL(string: text).map { .path($0.path(percentEncoded: false)) } ?? .url(text)
        case .url, .shell, .invalid: self = .url(text)
        case .path: self = .path(world.absolute(text, from: base))
        }
    }
}
