import Foundation
import TestSupport
import Testing

/// What each room may import: the table of the house. A room that needs more changes this table first.
private let privileges: [String: Set<String>] = [
    "Essentials": [
        "CSpawn", "FoundationEssentials", "Foundation", "Dispatch", "Glibc", "Musl", "Darwin",
        "Synchronization",
    ],
    "Digest": ["CSystem"],
    "Deploy": [],
    "HTTP": ["CCurl", "Essentials", "Dispatch", "Synchronization"],
    "Git": ["Deploy", "HTTP", "Digest", "CGit2", "Essentials", "Dispatch", "Synchronization"],
    "Hub": ["Deploy", "HTTP", "Digest", "Essentials"],
    "Wire": ["Essentials", "Dispatch", "Synchronization"],
    "LocalHub": ["Wire", "Digest", "Essentials", "Synchronization"],
    "Console": [
        "Deploy", "HTTP", "Git", "Hub", "Wire", "LocalHub", "Digest", "Essentials", "Dispatch",
        "Synchronization",
    ],
    "spacesync": ["Console", "CSystem", "Essentials", "HTTP"],
]

struct ImportTests {
    @Test(arguments: privileges.keys.sorted())
    func `a room imports no more than its privilege`(room: String) throws {
        let allowed = try #require(privileges[room])
        for file in try PackageRoot.swiftFiles(in: "Sources/\(room)") {
            let excess = Set(imports(of: file.text)).subtracting(allowed)
            #expect(excess.isEmpty, "\(room)/\(file.path) imports \(excess.sorted())")
        }
    }

    @Test func `C stays inside the room that imports it`() throws {
        for room in privileges.keys {
            for file in try PackageRoot.swiftFiles(in: "Sources/\(room)") {
                let open = file.text.split(separator: "\n").filter { line in
                    ["CGit2", "CSystem", "CCurl", "CSpawn"].contains { line.hasPrefix("import \($0)") }
                }
                #expect(open.isEmpty, "\(room)/\(file.path): write internal import")
            }
        }
    }

    @Test func `every room of the package is in the table`() throws {
        let manifest = try String(
            contentsOf: PackageRoot.url.appending(path: "Package.swift"), encoding: .utf8)
        for room in privileges.keys {
            #expect(manifest.contains("arget(name: \"\(room)\"") || manifest.contains("name: \"\(room)\""))
        }
    }

    private func imports(of text: String) -> [String] {
        text.split(separator: "\n").compactMap { line in
            let words = line.split(separator: " ")
            guard let index = words.firstIndex(of: "import"), index <= 1, !line.hasPrefix(" ") else {
                return nil
            }
            return words.dropFirst(index + 1).last { !["struct", "class", "enum", "func"].contains($0) }.map(
                String.init)
        }
    }
}
