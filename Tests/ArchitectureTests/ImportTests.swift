import Foundation
import TestSupport
import Testing

/// The modules that each target may import. A new dependency is added here first.
private let privileges: [String: Set<String>] = [
    "Essentials": [
        "CSpawn", "FoundationEssentials", "Foundation", "Dispatch", "Glibc", "Musl", "Darwin",
        "Synchronization",
    ],
    "Digest": ["CSystem"],
    "TextTools": [],
    "Documentation": [],
    "SpacesModel": ["TextTools"],
    "GitPatterns": ["SpacesModel", "TextTools"],
    "FrontMatter": ["TextTools"],
    "DockerSyntax": ["GitPatterns", "SpacesModel", "TextTools"],
    "DockerfileTemplates": ["DockerSyntax", "SpacesModel", "TextTools"],
    // The scanner reads `ENV` and `ARG` of a Dockerfile.
    "SecretScanner": ["DockerSyntax", "SpacesModel", "TextTools"],
    "BuildDiagnosis": ["SpacesModel", "TextTools"],
    // The value of the setting `card` is YAML.
    "DeploySettings": ["DockerSyntax", "FrontMatter", "GitPatterns", "SpacesModel", "TextTools"],
    "Deploy": [
        "BuildDiagnosis", "DeploySettings", "DockerSyntax", "DockerfileTemplates", "FrontMatter",
        "GitPatterns", "SecretScanner", "SpacesModel", "TextTools",
    ],
    // HTTP maps its errors to deploy errors (`SpacesModel`) itself, because every adapter needs the
    // mapping.
    "HTTP": ["CCurl", "Dispatch", "Essentials", "SpacesModel", "Synchronization", "TextTools"],
    "HTTPServer": ["Dispatch", "Essentials", "Synchronization", "TextTools"],
    "Git": [
        "CGit2", "Digest", "Dispatch", "Essentials", "GitPatterns", "HTTP", "SpacesModel",
        "Synchronization", "TextTools",
    ],
    "GitLFS": [
        "Digest", "Dispatch", "Essentials", "Git", "HTTP", "SpacesModel", "Synchronization", "TextTools",
    ],
    "HubAPI": ["Digest", "Essentials", "HTTP", "SpacesModel", "TextTools"],
    "ContainerRegistry": ["Digest", "DockerSyntax", "Essentials", "HTTP", "SpacesModel", "TextTools"],
    "LocalHub": ["Digest", "Essentials", "HTTPServer", "Synchronization", "TextTools"],
    // Reporting prints setting keys and the origins of their values.
    "Reporting": ["Deploy", "DeploySettings", "Essentials", "SpacesModel", "Synchronization", "TextTools"],
    "CLI": [
        "ContainerRegistry", "Deploy", "DeploySettings", "Digest", "Dispatch", "DockerSyntax",
        "DockerfileTemplates", "Documentation", "Essentials", "Git", "GitLFS", "HTTP", "HTTPServer",
        "HubAPI", "LocalHub", "Reporting", "SecretScanner", "SpacesModel", "Synchronization", "TextTools",
    ],
    "spacesync": ["CLI", "CSystem", "Essentials", "HTTP"],
]

struct ImportTests {
    @Test(arguments: privileges.keys.sorted())
    func `a target imports only the modules in the table`(target: String) throws {
        let allowed = try #require(privileges[target])
        for file in try PackageRoot.swiftFiles(in: "Sources/\(target)") {
            let excess = Set(imports(of: file.text)).subtracting(allowed)
            #expect(excess.isEmpty, "\(target)/\(file.path) imports \(excess.sorted())")
        }
    }

    @Test func `C modules are imported with internal import`() throws {
        for target in privileges.keys {
            for file in try PackageRoot.swiftFiles(in: "Sources/\(target)") {
                let open = file.text.split(separator: "\n").filter { line in
                    ["CGit2", "CSystem", "CCurl", "CSpawn"].contains { line.hasPrefix("import \($0)") }
                }
                #expect(open.isEmpty, "\(target)/\(file.path): write internal import")
            }
        }
    }

    @Test func `the table and the package have the same targets`() throws {
        let sources = PackageRoot.url.appending(path: "Sources")
        let folders = try FileManager.default.contentsOfDirectory(atPath: sources.path)
        // C modules consist of a module map, without Swift files.
        let targets = folders.filter { !["CCurl", "CGit2", "CSpawn", "CSystem"].contains($0) }
        #expect(Set(targets) == Set(privileges.keys))
    }

    @Test func `no target has the name of a type inside it`() throws {
        for target in privileges.keys {
            for file in try PackageRoot.swiftFiles(in: "Sources/\(target)") {
                let isDeclared = file.text.split(separator: "\n").contains { line in
                    let words = line.split { " :<({".contains($0) }.map { String($0) }
                    let kinds = ["struct", "class", "enum", "actor", "protocol", "typealias"]
                    return zip(words, words.dropFirst()).contains { kinds.contains($0) && $1 == target }
                }
                #expect(!isDeclared, "\(target)/\(file.path)")
            }
        }
    }

    @Test func `no two targets have a type of the same name`() throws {
        var targets: [String: Set<String>] = [:]
        for target in privileges.keys {
            for file in try PackageRoot.swiftFiles(in: "Sources/\(target)") {
                for line in file.text.split(separator: "\n")
                where !line.hasPrefix(" ") && !line.hasPrefix("private") {
                    let words = line.split { " :<({".contains($0) }.map { String($0) }
                    let kinds = ["struct", "class", "enum", "actor", "protocol", "typealias"]
                    guard let kind = words.firstIndex(where: kinds.contains), kind + 1 < words.count,
                        words[..<kind].allSatisfy({ ["package", "public", "final", "indirect"].contains($0) })
                    else { continue }
                    targets[words[kind + 1], default: []].insert(target)
                }
            }
        }
        #expect(targets.filter { $0.value.count > 1 }.isEmpty)
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
