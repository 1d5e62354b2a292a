import SpacesModel
import TextTools

/// Finds the files of a composed tree that may have to be sent by LFS. Skips directories that are
/// equal on the Space under the same rules: the Space has accepted their files.
struct LFSCandidateFinder: Sendable {
    struct Candidate: Hashable, Sendable {
        var path: Path
        var entry: TreeEntry
        /// Whether the Space has the same file at this path, under other rules.
        var isOnSpace: Bool
    }

    let store: any ObjectDatabase
    /// In the order of the tree.
    private(set) var candidates: [Candidate] = []
    /// Every `.gitattributes` found, by its directory.
    private(set) var rules: [Path: ObjectID] = [:]

    init(_ draft: TreeBuilder, beside old: TreeBuilder, in store: any ObjectDatabase)
        async throws(DeployError)
    {
        self.store = store
        try await search(draft, beside: old, at: .root, isSame: true)
    }

    private mutating func search(
        _ draft: TreeBuilder, beside old: TreeBuilder?, at path: Path, isSame: Bool
    ) async throws(DeployError) {
        rules[path] = draft.attributes
        let isSame = isSame && old?.attributes == rules[path]
        for (name, node) in draft.nodes.sorted(by: { $0.key < $1.key }) {
            let (entryPath, oldNode) = (path.appending(name), old?[name])
            if isSame, node.isSame(as: oldNode) { continue }
            if let directory = try await node.openDirectory(in: store) {
                let oldDirectory = try await oldNode?.openDirectory(in: store)
                try await search(directory, beside: oldDirectory, at: entryPath, isSame: isSame)
            } else if let version = node.file, version.isRegular, !TreeCheck.reads(entryPath) {
                let isOnSpace = oldNode?.blob == version.id
                // Under the same rules, too, nothing can change for the file.
                guard !isOnSpace || !isSame else { continue }
                let entry = TreeEntry(name: name, kind: version.kind, id: version.id)
                candidates.append(Candidate(path: entryPath, entry: entry, isOnSpace: isOnSpace))
            }
        }
    }
}

extension MissingLFSObject {
    /// Returns the finding for a missing LFS object.
    /// - Parameter isComposed: whether the tree is composed, so that settings can exclude the file.
    func finding(isComposed: Bool) -> Finding {
        let fix =
            "run `git lfs fetch --all` in the deployed repository, or `git lfs push --all` in a clone that has it"
        return Finding(
            .error, file.path, .lfsPointer, "LFS object not found: \(why)",
            fix: isComposed ? "\(fix); or set exclude = \(file.path.pattern)" : fix)
    }
}

/// Writes the lines of a `.gitattributes` that track files by LFS, as `git lfs track` does.
enum GitattributesWriter {
    /// Returns one pattern for all files with one of the given extensions, and one pattern for each
    /// other file.
    /// - Parameters:
    /// - paths: relative to the directory of the `.gitattributes`.
    /// - extensions: those whose files are all sent by LFS.
    static func patterns(for paths: [Path], sharing extensions: Set<Path>) -> [String] {
        var (shared, single): (Set<Path>, [Path]) = ([], [])
        for path in paths {
            if let pathExtension = path.fileExtension, extensions.contains(pathExtension) {
                shared.insert(pathExtension)
            } else {
                single.append(path)
            }
        }
        return shared.sorted().map { "*.\($0)" } + single.sorted().map(exactPattern)
    }

    /// Returns the file with lines for these patterns appended.
    static func appended(_ patterns: [String], to bytes: [UInt8]) -> [UInt8] {
        let start = bytes.isEmpty || bytes.last == .newline ? bytes : bytes + [.newline]
        return start + patterns.flatMap { "\($0) filter=lfs diff=lfs merge=lfs -text\n".utf8 }
    }

    /// Returns a pattern that matches only this path. Special characters are escaped; a blank,
    /// which would end the pattern, becomes a character class.
    private static func exactPattern(_ path: Path) -> String {
        let escaped = path.bytes.flatMap { byte -> [UInt8] in
            switch byte {
            case .space, .tab: Array("[[:space:]]".utf8)
            case .star, .backslash, UInt8(ascii: "?"), UInt8(ascii: "["): [.backslash, byte]
            case 0..<32, 127: [UInt8(ascii: "?")]
            default: [byte]
            }
        }
        return "/" + escaped.text
    }
}
