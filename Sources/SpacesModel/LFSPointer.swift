import TextTools

/// What stands in Git for an object of Git LFS: https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md.
package struct LFSPointer: Hashable, Sendable {
    /// The SHA-256 of the object's content: 64 lower-case hexadecimal digits.
    package let oid: String
    /// Of the content, in bytes.
    package let size: Int

    /// nil for what is no SHA-256 or no size.
    package init?(oid: String, size: Int) {
        let isHash = oid.utf8.count == 64 && oid.utf8.allSatisfy { $0.hexDigit != nil && !$0.isUpper }
        guard isHash, size >= 0 else { return nil }
        (self.oid, self.size) = (oid, size)
    }

    /// Reads a pointer file, of an older version or with other line ends, too; nil when the bytes are none. Lines that it
    /// does not know (extensions) are passed over.
    package init?(_ bytes: some Collection<UInt8>) {
        guard bytes.count < Self.maxSize, bytes.starts(with: "version ".utf8) else { return nil }
        var values: [String: String] = [:]
        for line in bytes.split(separator: .newline) {
            let words = line.split(separator: .space, maxSplits: 1)
            guard words.count == 2 else { return nil }
            values[words[0].text] = words[1].text.trimmed
        }
        guard values["version"].map(Self.versions.contains) == true else { return nil }
        guard let hash = values["oid"], hash.hasPrefix("sha256:"),
            let size = values["size"].flatMap({ Int($0) })
        else { return nil }
        self.init(oid: String(hash.dropFirst(7)), size: size)
    }

    /// The pointer file.
    package var bytes: [UInt8] { Self.version + "oid sha256:\(oid)\nsize \(size)\n".utf8 }

    /// A pointer file is shorter than this. Bytes.
    package static let maxSize = 1024
    private static let version = Array("version \(versions[0])\n".utf8)
    /// The one that is written, then those that were.
    private static let versions = [
        "https://git-lfs.github.com/spec/v1", "https://hawser.github.com/spec/v1", "http://git-media.io/v/2",
    ]

    /// Whether these bytes, which are a pointer, are written as this one is; extensions are left alone.
    package func isEncoded(as bytes: [UInt8]) -> Bool {
        bytes == self.bytes || bytes.split(separator: .newline).contains { $0.starts(with: "ext-".utf8) }
    }
}
