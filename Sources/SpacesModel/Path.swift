/// A path, or a single name, inside a Git tree: bytes compared as bytes, as Git does. A Swift `String` would take
/// two spellings of "é" for one name, and cannot hold a name that is not UTF-8.
package struct Path: Hashable, Comparable, Sendable {
    package let bytes: [UInt8]

    package init(bytes: [UInt8]) { self.bytes = bytes }
    package init(_ text: some StringProtocol) { bytes = Array(text.utf8) }

    /// Bytes: no file system of a build or a clone takes more (`PATH_MAX`), nor more in one name (`NAME_MAX`).
    package static let (maxLength, maxNameLength) = (4_096, 255)

    /// The root of a tree: the empty path.
    package static let root = Path(bytes: [])
    package var isRoot: Bool { bytes.isEmpty }

    /// The names between the slashes, in order; none for the root.
    package var names: [Path] {
        bytes.split(separator: UInt8(ascii: "/")).map { Path(bytes: Array($0)) }
    }
    /// The last name.
    package var name: Path {
        guard let slash = bytes.lastIndex(of: Self.slash) else { return self }
        return slash == bytes.count - 1 ? names.last ?? .root : Path(bytes: Array(bytes[(slash + 1)...]))
    }
    /// What the last name lies in.
    package var parent: Path {
        guard let slash = bytes.lastIndex(of: Self.slash) else { return .root }
        let isPlain = slash > 0 && slash < bytes.count - 1 && bytes[slash - 1] != Self.slash
        return isPlain ? Path(bytes: Array(bytes[..<slash])) : Path(joining: names.dropLast())
    }

    private static let slash = UInt8(ascii: "/")

    package init(joining names: some Sequence<Path>) {
        bytes = Array(names.map(\.bytes).joined(separator: [UInt8(ascii: "/")]))
    }

    package func appending(_ name: Path) -> Path {
        isRoot ? name : Path(bytes: bytes + [UInt8(ascii: "/")] + name.bytes)
    }

    /// True of the path itself and of all that lies in it; everything lies in the root.
    package func contains(_ other: Path) -> Bool {
        if isRoot || self == other { return true }
        return other.bytes.count > bytes.count && other.bytes[bytes.count] == UInt8(ascii: "/")
            && other.bytes.starts(with: bytes)
    }

    package static func < (left: Path, right: Path) -> Bool {
        left.bytes.lexicographicallyPrecedes(right.bytes)
    }
}

extension Path: ExpressibleByStringLiteral, CustomStringConvertible {
    package init(stringLiteral text: String) { self.init(text) }
    /// The path as text; bytes that are no UTF-8 show as U+FFFD.
    package var description: String { String(decoding: bytes, as: UTF8.self) }
}

extension Path {
    /// As it reads from a directory that it lies in.
    package func removingPrefix(_ directory: Path) -> Path {
        directory.isRoot ? self : Path(bytes: Array(bytes.dropFirst(directory.bytes.count + 1)))
    }

    /// A path of several names inside this one.
    package func appending(inside path: Path) -> Path { Path(joining: names + path.names) }

    /// A path as people write it: slashes at either end and `./` drop; nil when a name is `..`.
    package init?(tidy text: some StringProtocol) {
        let names = String(text).split(separator: "/").map { String($0) }.filter { $0 != "." }
        guard !names.contains("..") else { return nil }
        self.init(joining: names.map { (name: String) in Path(name) })
    }
}
