import Foundation

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

/// On Linux every `URLSessionConfiguration` opens the shared cache and the shared cookie storage first, and these make
/// empty directories in the user's home, named after the program (`URLCache.init`, `HTTPCookieStorage.init` of
/// https://github.com/swiftlang/swift-corelibs-foundation). Nothing of ours is ever in them.
enum FoundationFolders {
    /// Does what opens the storages, and leaves no directory that was not there before.
    static func withoutTrace<Result>(_ work: () -> Result) -> Result {
        #if canImport(FoundationNetworking)
            // It can have no directory there, so it has none.
            URLCache.shared = URLCache(memoryCapacity: 0, diskCapacity: 0, diskPath: "/dev/null")
            let absent = cookieFolders.filter { !FileManager.default.fileExists(atPath: $0) }
            // rmdir takes nothing away that holds something.
            defer { absent.forEach { rmdir($0) } }
        #endif
        return work()
    }

    /// Where the cookie storage will be, and what is above it in the home, innermost first.
    private static var cookieFolders: [String] {
        let program = Bundle.main.bundleURL.deletingPathExtension().lastPathComponent
        let support = FileManager.default.urls(for: .applicationSupportDirectory, in: .userDomainMask).first
        guard let folder = support?.appending(path: program) else { return [] }
        let above = folder.deletingLastPathComponent()
        return [folder, above, above.deletingLastPathComponent()].map(\.path)
    }
}
