/// A path, or a single name, inside a Git tree: bytes compared as bytes, as Git does. A Swift
/// `String` would treat two encodings of "é" as the same name, and cannot represent a name that is
/// not UTF-8.
package struct Path: Hashable, Comparable, Sendable {
    package let bytes: [UInt8]

    @inlinable package init(bytes: [UInt8]) { self.bytes = bytes }
    @inlinable package init(_ text: some StringProtocol) { bytes = Array(text.utf8) }

    /// The maximum length of a path (`PATH_MAX`) and of a name (`NAME_MAX`) in bytes, beyond which
    /// no file system of a build or clone supports them.
    package static let (maxLength, maxNameLength) = (4_096, 255)

    /// The root of a tree: the empty path.
    package static let root = Path(bytes: [])
    @inlinable package var isRoot: Bool { bytes.isEmpty }

    /// The path's components, in order; none for the root.
    package var names: [Path] {
        bytes.split(separator: UInt8(ascii: "/")).map { Path(bytes: Array($0)) }
    }
    /// The last component.
    package var name: Path {
        guard let slash = bytes.lastIndex(of: Self.slash) else { return self }
        return slash == bytes.count - 1 ? names.last ?? .root : Path(bytes: Array(bytes[(slash + 1)...]))
    }
    /// The parent directory.
    package var parent: Path {
        guard let slash = bytes.lastIndex(of: Self.slash) else { return .root }
        let isPlain = slash > 0 && slash < bytes.count - 1 && bytes[slash - 1] != Self.slash
        return isPlain ? Path(bytes: Array(bytes[..<slash])) : Path(joining: names.dropLast())
    }

    private static let slash = UInt8(ascii: "/")

    @inlinable package init(joining names: some Sequence<Path>) {
        bytes = Array(names.map(\.bytes).joined(separator: [UInt8(ascii: "/")]))
    }

    @inlinable package func appending(_ name: Path) -> Path {
        isRoot ? name : Path(bytes: bytes + [UInt8(ascii: "/")] + name.bytes)
    }

    /// Returns whether `other` is this path or below it; everything is below the root.
    package func contains(_ other: Path) -> Bool {
        if isRoot || self == other { return true }
        return other.bytes.count > bytes.count && other.bytes[bytes.count] == UInt8(ascii: "/")
            && other.bytes.starts(with: bytes)
    }

    @inlinable package static func < (left: Path, right: Path) -> Bool {
        left.bytes.lexicographicallyPrecedes(right.bytes)
    }
}

extension Path: ExpressibleByStringLiteral, CustomStringConvertible {
    package init(stringLiteral text: String) { self.init(text) }
    /// The path as text; bytes that are not UTF-8 are replaced by U+FFFD.
    package var description: String { String(decoding: bytes, as: UTF8.self) }
}

extension Path {
    /// Returns the path relative to a directory that contains it.
    package func removingPrefix(_ directory: Path) -> Path {
        directory.isRoot ? self : Path(bytes: Array(bytes.dropFirst(directory.bytes.count + 1)))
    }

    /// Returns this path with a path of several components appended.
    package func appending(inside path: Path) -> Path { Path(joining: names + path.names) }

    /// Parses a path typed by a user: slashes at either end and `./` are removed; `nil` if a
    /// component is `..`.
    package init?(tidy text: some StringProtocol) {
        let names = String(text).split(separator: "/").map { String($0) }.filter { $0 != "." }
        guard !names.contains("..") else { return nil }
        self.init(joining: names.map { (name: String) in Path(name) })
    }
}
