import Essentials

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
