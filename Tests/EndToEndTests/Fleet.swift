import Foundation
import TestSupport
import Testing

/// Several Spaces in one settings file.
struct Fleet: Sendable {
    let scene: Scene
    private var sections: [String] = []

    init(_ scene: Scene) { self.scene = scene }

    /// Adds a Space with this source; a push may create it.
    mutating func add(_ space: String, from source: String, _ settings: String...) {
        let lines = ["source = \(source)", "create = true"] + settings
        sections.append("[space \"\(space)\"]\n" + lines.map { "\t\($0)\n" }.joined())
    }

    /// Returns the arguments of a command for all Spaces, and writes their settings file.
    func words(_ command: String..., jobs: Int = 4) throws -> [String] {
        let file = scene.folder.url.appending(path: "fleet.conf")
        let own = "[spacesync]\n\tjobs = \(jobs)\n"
        try Data((own + sections.joined()).utf8).write(to: file)
        return command + ["--config", file.path, "--yes"]
    }

    func run(_ command: String..., jobs: Int = 4) async throws -> Finished {
        try await scene.spacesync([command[0]] + words(jobs: jobs) + command.dropFirst())
    }

    /// Returns the path of a source whose build is simulated with this script.
    static func source(
        _ scene: Scene, _ name: String, build: String = "{}", dockerfile: String? = nil
    ) async throws -> String {
        var files = Scene.files.merging([".hub.json": "{\"build\":\(build)}", "name.txt": name]) { $1 }
        if let dockerfile { files["Dockerfile"] = dockerfile }
        return try await scene.source(files, named: name).url.path
    }
}

extension Finished {
    /// The printed lines below each heading, in order; a Space may have several headings.
    var chapters: [(space: String, lines: [String])] {
        var chapters: [(space: String, lines: [String])] = []
        for line in err.split(separator: "\n").map({ String($0) }) {
            if line.contains("failed, with exit code") { continue }
            if line.hasPrefix("=====> ") {
                chapters.append((String(line.dropFirst(7)), []))
            } else if !chapters.isEmpty {
                chapters[chapters.count - 1].lines.append(line)
            }
        }
        return chapters
    }
}
