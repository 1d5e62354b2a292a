import TextTools

/// A file of the new tree stored with Git LFS: the tree contains its pointer, the Hub's storage its content.
package struct LFSFile: Hashable, Sendable {
    package var path: Path
    package var pointer: LFSPointer
    package var content: Content

    package init(_ path: Path, _ pointer: LFSPointer, _ content: Content) {
        (self.path, self.pointer, self.content) = (path, pointer, content)
    }

    /// The blob with the content; `nil` if the source has a pointer, too.
    package var blob: ObjectID? { if case .blob(let id) = content { id } else { nil } }

    package enum Content: Hashable, Sendable {
        /// The source contains the content as a normal blob.
        case blob(ObjectID)
        /// The source contains a pointer, too: the content is in the source's LFS storage.
        case object
    }
}

/// An LFS pointer whose content could not be found.
package struct MissingLFSObject: Hashable, Sendable {
    package var file: LFSFile
    /// The reason given by each server that was asked, in one clause.
    package var why: String

    package init(_ file: LFSFile, why: String) { (self.file, self.why) = (file, why) }
}

/// A Git LFS pointer file: https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md.
package struct LFSPointer: Hashable, Sendable {
    /// The SHA-256 of the object's content: 64 lower-case hexadecimal digits.
    package let oid: String
    /// The size of the content in bytes.
    package let size: Int

    /// Creates a pointer; `nil` if `oid` is not a SHA-256 or `size` is negative.
    package init?(oid: String, size: Int) {
        let isHash = oid.utf8.count == 64 && oid.utf8.allSatisfy { $0.hexDigit != nil && !$0.isUpper }
        guard isHash, size >= 0 else { return nil }
        (self.oid, self.size) = (oid, size)
    }

    /// Parses a pointer file, also of an older version or with other line endings; `nil` if the
    /// bytes are not a pointer. Unknown lines (extensions) are skipped.
    package init?(_ bytes: some Collection<UInt8>) {
        guard bytes.count < Self.maxSize, bytes.starts(with: "version ".utf8) else { return nil }
        var values: [String: String] = [:]
        for line in bytes.split(separator: .newline) {
            let keyAndValue = line.split(separator: .space, maxSplits: 1)
            guard keyAndValue.count == 2 else { return nil }
            values[keyAndValue[0].text] = keyAndValue[1].text.trimmed
        }
        guard values["version"].map(Self.versions.contains) == true else { return nil }
        guard let hash = values["oid"], hash.hasPrefix("sha256:"),
            let size = values["size"].flatMap({ Int($0) })
        else { return nil }
        self.init(oid: String(hash.dropFirst(7)), size: size)
    }

    /// The content of the pointer file.
    package var bytes: [UInt8] { Self.version + "oid sha256:\(oid)\nsize \(size)\n".utf8 }

    /// The exclusive upper limit of the size of a pointer file, in bytes.
    package static let maxSize = 1024
    private static let version = Array("version \(versions[0])\n".utf8)
    /// The version that is written, followed by older versions that are only read.
    private static let versions = [
        "https://git-lfs.github.com/spec/v1", "https://hawser.github.com/spec/v1", "http://git-media.io/v/2",
    ]

    /// Returns whether `bytes`, a pointer file for the same object, is in canonical form. Files
    /// with extensions count as canonical, so that they are not rewritten.
    package func isEncoded(as bytes: [UInt8]) -> Bool {
        bytes == self.bytes || bytes.split(separator: .newline).contains { $0.starts(with: "ext-".utf8) }
    }
}
