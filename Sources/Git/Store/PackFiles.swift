import Essentials

/// The pack files of an object directory, with their sizes.
struct PackFiles {
    /// The path without `.pack`, and the size in bytes.
    typealias File = (path: String, size: Int)

    private let files: [File]
    /// The number of packs, including partial files of interrupted fetches.
    let count: Int
    /// The total size in bytes, without the indexes.
    let size: Int

    /// - Parameter store: the path of the bare repository.
    init(in store: String) { self.init(packedIn: store + "/objects") }

    /// - Parameter objects: the path of the object directory.
    init(packedIn objects: String) {
        let folder = objects + "/pack"
        let names = ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).filter {
            !$0.hasSuffix(".idx")
        }
        let sizes = names.map { Self.size(of: "\(folder)/\($0)") }
        files = zip(names, sizes).filter { $0.0.hasSuffix(".pack") }.map {
            ("\(folder)/\($0.dropLast(5))", $1)
        }
        (count, size) = (names.count, sizes.reduce(0, +))
    }

    var largestFirst: [File] { files.sorted { ($1.size, $0.path) < ($0.size, $1.path) } }

    private static func size(of file: String) -> Int {
        var status = stat()
        return stat(file, &status) == 0 ? Int(status.st_size) : 0
    }
}

/// The modification times of pack directories: a cheap check for new packs.
struct PackTimestamps: Hashable, Sendable {
    private let dates: [Int]

    init(of directories: [String]) {
        dates = directories.map { directory in
            var status = stat()
            guard stat(directory + "/pack", &status) == 0 else { return 0 }
            return status.st_mtim.tv_sec &* 1_000_000_000 &+ status.st_mtim.tv_nsec
        }
    }
}
