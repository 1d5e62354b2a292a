import Foundation
import TestSupport
import Testing

/// The sizes of files (style guide 1.2): most have 90 to 250 lines.
struct FileSizeTests {
    private func lineCounts() throws -> [(path: String, lines: Int)] {
        try PackageRoot.swiftFiles(in: "Sources").map { file in
            (file.path, file.text.utf8.count { $0 == UInt8(ascii: "\n") })
        }
    }

    @Test func `no file has over 400 lines and at most 20 files have over 250`() throws {
        let large = try lineCounts().filter { $0.lines > 250 }
        #expect(large.filter { $0.lines > 400 }.map(\.path) == [])
        #expect(large.count <= 20, "\(large.map(\.path))")
    }

    @Test func `the median file has 90 to 160 lines`() throws {
        let counts = try lineCounts().map(\.lines).sorted()
        #expect((90...160).contains(counts[counts.count / 2]))
    }
}
