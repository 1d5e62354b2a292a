/// Paths that are looked for in a tree, as a tree: one walk finds all of them, and opens each directory once.
struct WantedFiles: Sendable {
    private(set) var below: [Path: WantedFiles] = [:]
    private(set) var isFile = false

    init(_ places: some Sequence<Path>) {
        for place in places { add(place.names[...]) }
    }

    private init() {}

    private mutating func add(_ names: ArraySlice<Path>) {
        guard let first = names.first else { return isFile = true }
        below[first, default: WantedFiles()].add(names.dropFirst())
    }
}

extension TreeDraft {
    /// The files at these paths; of paths where none is, nothing.
    func files(at paths: some Sequence<Path>, in store: some ObjectStoring) async throws(Failure) -> [Path:
        FileMark]
    {
        var files: [Path: FileMark] = [:]
        var waiting = [(place: Path.root, wanted: WantedFiles(paths), directory: self)]
        while let (place, wanted, directory) = waiting.popLast() {
            for (name, inner) in wanted.below {
                guard let node = directory[name] else { continue }
                if inner.isFile, let file = node.file { files[place.appending(name)] = file }
                guard !inner.below.isEmpty, let opened = try await node.opened(in: store) else { continue }
                waiting.append((place.appending(name), inner, opened))
            }
        }
        return files
    }
}
