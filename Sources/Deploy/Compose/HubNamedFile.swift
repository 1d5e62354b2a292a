import SpacesModel
import TextTools

/// Files that the Hub, or a build on it, reads by their exact name at the root of a Space.
enum HubNamedFile {
    /// All of them. A Space gets each as a regular file of UTF-8 text.
    static let names: [Path] = [
        "README.md", "Dockerfile", ".gitattributes", ".dockerignore", "requirements.txt",
        "pre-requirements.txt", "packages.txt",
    ]

    /// The largest one that is converted. Bytes.
    static let maxSize = 10 << 20

    /// Other spellings of `name` in `draft`: the same letters in another case, or `Containerfile`; none if `name` itself
    /// exists.
    static func variants(of name: Path, in draft: TreeBuilder) -> [Path] {
        guard draft[name] == nil, !name.bytes.starts(with: ".".utf8) else { return [] }
        let files = draft.nodes.filter { $1.blob != nil }.keys.sorted()
        let same = files.filter { $0.description.lowercased() == name.description.lowercased() }
        guard same.isEmpty, name == "Dockerfile" else { return same }
        return files.filter { $0.description.lowercased() == "containerfile" }
    }

    /// Files that builds read, and that may name others: a file that one of them names keeps its name.
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

    /// Line ends of Windows break these: names for apt-get and values of attributes would end in a carriage return, and
    /// so would the lines of a heredoc in a Dockerfile.
    static func needsUnixLineEnds(_ name: Path, _ bytes: [UInt8]) -> Bool {
        guard name == "Dockerfile" else { return [".gitattributes", "packages.txt"].contains(name) }
        return bytes.text.contains("<<")
    }
}

/// The file at a path of a tree, with symbolic links followed.
enum LinkedFile {
    /// A regular file, and its real path.
    case file(Path, EntryKind, ObjectID)
    /// There is no file, and no symbolic link on the way.
    case missing
    /// What is wrong with a symbolic link: `points outside the repository`.
    case invalidLink(String)
}

extension TreeBuilder {
    /// Follows symbolic links in any part of a path, at most 40 of them (Linux's own limit, path_resolution(7)).
    /// - Parameter read: the text of a link.
    func resolveSymlinks(
        _ path: Path, in store: some ObjectDatabase, read: (ObjectID) async throws(DeployError) -> [UInt8]
    ) async throws(DeployError) -> LinkedFile {
        var (waiting, reached, links) = (path.names[...], Path.root, 0)
        func invalid(_ reason: String) -> LinkedFile { links == 0 ? .missing : .invalidLink(reason) }
        while let name = waiting.popFirst() {
            if name == "." { continue }
            if name == ".." {
                if reached.isRoot { return invalid("points outside the repository") }
                reached = reached.parent
                continue
            }
            let place = reached.appending(name)
            guard let node = try await node(at: place, in: store) else {
                return invalid("points to \(place.shown), which does not exist")
            }
            guard case .entry(let kind, let id) = node, kind != .tree else {
                reached = place
                continue
            }
            switch kind {
            case .submodule: return invalid("points into the submodule \(place.shown)")
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
                waiting = (text.names + waiting)[...]
            default:
                guard waiting.isEmpty else { return invalid("points into \(place.shown), which is a file") }
                return .file(place, kind, id)
            }
        }
        return invalid("points to a directory, \(reached.isRoot ? "the root" : reached.shown)")
    }
}
