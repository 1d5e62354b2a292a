import SpacesModel
import TextTools

/// Files that the Hub, or a build on it, reads by their exact name at the root of a Space.
enum HubNamedFile {
    /// All such files. A Space gets each of them as a regular file of UTF-8 text.
    static let names: [Path] = [
        "README.md", "Dockerfile", ".gitattributes", ".dockerignore", "requirements.txt",
        "pre-requirements.txt", "packages.txt",
    ]

    /// The maximum size of a converted file, in bytes.
    static let maxSize = 10 << 20

    /// Returns other spellings of `name` in `draft`: the same letters in another case, or
    /// `Containerfile`. Empty if `name` itself exists.
    static func variants(of name: Path, in draft: TreeBuilder) -> [Path] {
        guard draft[name] == nil, !name.bytes.starts(with: ".".utf8) else { return [] }
        let files = draft.nodes.filter { $1.blob != nil }.keys.sorted()
        let matches = files.filter { $0.description.lowercased() == name.description.lowercased() }
        guard matches.isEmpty, name == "Dockerfile" else { return matches }
        return files.filter { $0.description.lowercased() == "containerfile" }
    }

    /// Returns the files that builds read and that may name other files: a file named in one of them
    /// keeps its name.
    static func buildFiles(in draft: TreeBuilder, except: Set<Path>) -> [ObjectID] {
        let names: Set<String> = [
            "dockerfile", "containerfile", "pyproject.toml", "setup.py", "setup.cfg", "manifest.in",
            "package.json", "cargo.toml",
        ]
        let files = draft.nodes.keys.filter {
            names.contains($0.description.lowercased()) && !except.contains($0)
        }
        return files.sorted().compactMap { draft[$0]?.blob }
    }

    /// Whether CRLF line endings break the file: names for apt-get, values of attributes and the
    /// lines of a heredoc in a Dockerfile would end in a carriage return.
    static func needsUnixLineEnds(_ name: Path, _ bytes: [UInt8]) -> Bool {
        guard name == "Dockerfile" else { return [".gitattributes", "packages.txt"].contains(name) }
        return bytes.text.contains("<<")
    }
}

/// The file at a path of a tree after symbolic links are followed.
enum LinkedFile {
    /// A regular file with its real path.
    case file(Path, EntryKind, ObjectID)
    /// There is neither a file at the path nor a symbolic link on the way to it.
    case missing
    /// A broken symbolic link, with the reason: `points outside the repository`.
    case invalidLink(String)
}

extension TreeBuilder {
    /// Follows symbolic links in every component of a path, at most 40 of them (Linux's own limit,
    /// path_resolution(7)).
    /// - Parameter read: reads the target of a link.
    func resolveSymlinks(
        _ path: Path, in store: some ObjectDatabase, read: (ObjectID) async throws(DeployError) -> [UInt8]
    ) async throws(DeployError) -> LinkedFile {
        var (remaining, reached, links) = (path.names[...], Path.root, 0)
        func invalid(_ reason: String) -> LinkedFile { links == 0 ? .missing : .invalidLink(reason) }
        while let name = remaining.popFirst() {
            if name == "." { continue }
            if name == ".." {
                if reached.isRoot { return invalid("points outside the repository") }
                reached = reached.parent
                continue
            }
            let nextPath = reached.appending(name)
            guard let node = try await node(at: nextPath, in: store) else {
                return invalid("points to \(nextPath.shown), which does not exist")
            }
            guard case .entry(let kind, let id) = node, kind != .tree else {
                reached = nextPath
                continue
            }
            switch kind {
            case .submodule: return invalid("points into the submodule \(nextPath.shown)")
            case .symlink:
                links += 1
                let text = Path(bytes: try await read(id))
                if links > 40 { return invalid("needs more than 40 steps") }
                if text.bytes.count > Path.maxLength {
                    return invalid("is longer than \(Path.maxLength) bytes")
                }
                if text.bytes.first == UInt8(ascii: "/") {
                    return invalid("points outside the repository, to \(text.shown.shortened(to: 200))")
                }
                remaining = (text.names + remaining)[...]
            default:
                guard remaining.isEmpty else {
                    return invalid("points into \(nextPath.shown), which is a file")
                }
                return .file(nextPath, kind, id)
            }
        }
        return invalid("points to a directory, \(reached.isRoot ? "the root" : reached.shown)")
    }
}
