import GitPatterns
import SpacesModel
import TextTools

/// Checks for the rules of the Hub's pre-receive hook (hub-api.md 2.4, 2.7) and for names that Git
/// refuses.
struct HubPushRules {
    private let listing: FileListing
    private let attributes: LFSAttributes
    /// Whether binary and large files are sent by LFS; the tree then has their pointers already.
    private let sendsLFS: Bool

    init(_ listing: FileListing, attributes: LFSAttributes, sendsLFS: Bool = false) {
        (self.listing, self.attributes, self.sendsLFS) = (listing, attributes, sendsLFS)
    }

    /// In bytes; larger files must be sent by LFS.
    static let maxBlobSize = 10 << 20
    static let maxEntries = 10_000

    var findings: [Finding] {
        listing.files.flatMap { path, file in
            [
                oversizedFile(path, file), binaryFile(path, file), missingLFSObject(path, file),
                unconvertedLFSFile(path, file),
            ].compactMap { $0 }
        }
            + fullDirectories + invalidNames + caseCollisions
    }

    private func oversizedFile(_ path: Path, _ file: FileListing.File) -> Finding? {
        guard file.kind.isBlob, file.content == .plain || file.content == .binary, let size = file.size,
            size > Self.maxBlobSize
        else {
            return nil
        }
        return Finding(
            .error, path, .largeFile,
            "is \(size.asSize); the Hub refuses files larger than 10 MiB outside of LFS, "
                + Self.reasonAgainstLFS(path, sendsLFS),
            fix: suggestedFix(path))
    }

    private func binaryFile(_ path: Path, _ file: FileListing.File) -> Finding? {
        guard file.kind.isBlob, file.kind != .symlink, file.content == .binary,
            (file.size ?? 0) <= Self.maxBlobSize
        else { return nil }
        return Finding(
            .error, path, .binaryFile,
            "is binary; the Hub refuses binary files outside of LFS, "
                + Self.reasonAgainstLFS(path, sendsLFS),
            fix: suggestedFix(path))
    }

    private func missingLFSObject(_ path: Path, _ file: FileListing.File) -> Finding? {
        guard file.content == .missingPointer else { return nil }
        return Finding(
            .error, path, .lfsPointer,
            "is an LFS pointer, but its file is not uploaded (lfs = off)",
            fix: suggestedFix(path))
    }

    /// The Hub accepts the file, but Git will report it as modified in every clone.
    private func unconvertedLFSFile(_ path: Path, _ file: FileListing.File) -> Finding? {
        guard !sendsLFS, file.kind.isBlob, file.kind != .symlink, file.content == .plain,
            let size = file.size,
            (1...Self.maxBlobSize).contains(size), attributes.usesLFS(path)
        else { return nil }
        return Finding(
            .warning, path, .lfsAttribute,
            "matches filter=lfs in .gitattributes, but is pushed without LFS",
            fix:
                "clones of the Space will show it as modified; remove the line, or set exclude = \(path.pattern)"
        )
    }

    /// Returns why the file cannot be sent by LFS.
    private static func reasonAgainstLFS(_ path: Path, _ sendsLFS: Bool) -> String {
        sendsLFS ? "and must read this one, so LFS is not possible" : "and lfs = off"
    }

    private func suggestedFix(_ path: Path) -> String {
        guard !sendsLFS else { return "use a text file smaller than 10 MiB" }
        return
            "upload it with LFS (lfs = auto), or exclude it (exclude = \(path.pattern)) and download it in the build"
    }

    private var fullDirectories: [Finding] {
        listing.directories.filter { $0.value > Self.maxEntries }.map { path, count in
            Finding(
                .error, path, .directoryEntries,
                "\(path.isRoot ? "the root" : "the directory") has \(count) entries, too many files per directory: the Hub accepts at most 10,000",
                fix: "move files into subdirectories")
        }
    }

    /// All files and directories.
    private var allPaths: [Path] {
        Array(listing.files.keys) + listing.directories.keys.filter { !$0.isRoot && listing.files[$0] == nil }
    }

    private var invalidNames: [Finding] {
        allPaths.compactMap { Finding(invalidName: $0.name, listing.files[$0]?.kind, at: $0) }
    }

    /// Paths that are equal on case-insensitive file systems.
    private var caseCollisions: [Finding] {
        // Hashes first, to save memory: among many thousand paths collisions are rare.
        var (seenHashes, duplicateHashes): (Set<Int>, Set<Int>) = ([], [])
        for path in allPaths where !seenHashes.insert(path.loweredHash).inserted {
            duplicateHashes.insert(path.loweredHash)
        }
        guard !duplicateHashes.isEmpty else { return [] }
        let candidates = allPaths.filter { duplicateHashes.contains($0.loweredHash) }
        let groups = Dictionary(grouping: candidates, by: \.lowered).values
        return groups.flatMap { group in
            let paths = group.sorted()
            // Paths inside colliding directories all collide; only the directories are reported.
            guard Set(paths.map(\.parent)).count == 1 else { return [Finding]() }
            return paths.dropFirst().map { path in
                Finding(
                    .warning, path, .fileNameCase, "differs from \(paths[0]) only in upper and lower case",
                    fix: "rename one: a checkout on macOS or Windows loses one of them")
            }
        }
    }
}

extension Path {
    fileprivate var lowered: [UInt8] { bytes.map(\.lowered) }

    fileprivate var loweredHash: Int {
        var hasher = Hasher()
        for byte in bytes { hasher.combine(byte.lowered) }
        return hasher.finalize()
    }
}

extension Finding {
    /// `nil` if the name is valid.
    init?(invalidName name: Path, _ kind: EntryKind?, at path: Path) {
        guard let problem = GitPathValidator.problem(with: name, kind) else { return nil }
        self.init(
            .error, path, .fileName, problem, fix: "rename it, or set exclude = \(path.pattern)")
    }
}
