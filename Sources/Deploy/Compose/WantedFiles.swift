import SpacesModel

/// A set of paths arranged as a tree, so that one walk over a stored tree finds all of them.
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
    /// The files at these paths. Paths without a file are left out.
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
