import Foundation

/// The root directory of the package that the tests were built from.
package enum PackageRoot {
    package static let url = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    /// Returns paths and contents of the Swift files below a directory of the package.
    package static func swiftFiles(in directory: String) throws -> [(path: String, text: String)] {
        let base = url.appending(path: directory)
        let names = try FileManager.default.subpathsOfDirectory(atPath: base.path).filter {
            $0.hasSuffix(".swift")
        }
        return try names.sorted().map { name in
            (name, try String(contentsOf: base.appending(path: name), encoding: .utf8))
        }
    }
}
