import Foundation
import TestSupport
import Testing

/// The sizes of files and functions, and the number of files that extend one type (design.md 7.2).
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

    @Test func `a type is extended in at most 4 files, Deployer in 7`() throws {
        var files: [String: Set<String>] = [:]
        for file in try PackageRoot.swiftFiles(in: "Sources") {
            for line in file.text.split(separator: "\n") {
                if let type = Self.extendedType(in: line) { files[type, default: []].insert(file.path) }
            }
        }
        #expect(files["Deployer"] != nil)
        for (type, paths) in files.sorted(by: { $0.key < $1.key }) {
            #expect(paths.count <= (type == "Deployer" ? 7 : 4), "\(type): \(paths.sorted())")
        }
    }

    @Test func `at most 20 functions have 40 lines or more, and none over 60`() throws {
        let long = try PackageRoot.swiftFiles(in: "Sources").flatMap { file in
            Self.functions(in: file.text).filter { $0.lines >= 40 }.map {
                ("\(file.path): \($0.name)", $0.lines)
            }
        }
        #expect(long.filter { $0.1 > 60 }.map(\.0) == [])
        #expect(long.count <= 20, "\(long.map(\.0))")
    }

    /// The type of a line `extension TYPE`; of a generic type without its arguments.
    private static func extendedType(in line: Substring) -> String? {
        let words = line.split(separator: " ")
        guard let index = words.firstIndex(of: "extension"), index <= 1, !line.hasPrefix(" "),
            !line.hasPrefix("/"), words.indices.contains(index + 1)
        else { return nil }
        return String(words[index + 1].prefix { $0 != "<" && $0 != ":" })
    }

    /// The functions of a file, with the number of lines from the declaration to the closing brace.
    private static func functions(in text: String) -> [(name: String, lines: Int)] {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        return lines.indices.compactMap { start in
            let words = lines[start].split(separator: " ")
            guard words.prefix(5).contains(where: { $0 == "func" || $0.hasPrefix("init(") }) else {
                return nil
            }
            let indentation = lines[start].prefix { $0 == " " }
            guard let opening = lines[start...].firstIndex(where: { $0.hasSuffix("{") || $0.hasSuffix("}") }),
                opening - start < 15, lines[opening].hasSuffix("{"),
                let end = lines[opening...].firstIndex(of: indentation + "}")
            else { return nil }
            return (String(lines[start].drop { $0 == " " }), end - start + 1)
        }
    }
}
