import Foundation
import TestSupport
import Testing

/// Scenes with a deploy history, for rollback tests.
extension Scene {
    static let quick = [".hub.json": #"{"build":{"seconds":0.1},"start":{"seconds":0.1}}"#]

    /// Returns the source of me/demo after this number of deploys; each changes `app.py` and
    /// `lib/x.txt` and adds a file.
    func deployed(times: Int) async throws -> Repository {
        let source = try await source(
            Scene.files.merging(Scene.quick) { $1 }.merging(["lib/x.txt": "1\n"]) { $1 })
        for number in 1...times {
            if number > 1 { try await source.change(to: number) }
            let pushed = try await push(source)
            try #require(pushed.status == 0, "\(pushed)")
        }
        return source
    }

    /// Watches the build of the Space's head until it runs.
    func watched() async throws {
        let watched = try await spacesync("watch", "me/demo")
        try #require(watched.status == 0, "\(watched)")
    }

    /// Returns the message of a commit of the Space.
    func message(of commit: String = "main") async throws -> String {
        try await spaceAtHub.git("log", "-1", "--format=%B", commit)
    }

    func rollback(_ flags: String..., changing: [String: String?] = [:]) async throws -> Finished {
        try await spacesync(["rollback", "me/demo", "--json"] + flags, changing: changing)
    }

    /// Rolls the Space back; fails with the output if that fails.
    func requireRollback(_ flags: String...) async throws {
        let finished = try await spacesync(["rollback", "me/demo", "--json"] + flags, changing: [:])
        try #require(finished.status == 0, "\(finished)")
    }

    /// The Space's repository in the Hub's storage.
    var spaceAtHub: Repository {
        Repository(url: folder.url.appending(path: "hub/spaces/me/demo.git"), home: folder.path + "/home")
    }

    /// Returns the ids of all commits of the Space, newest first.
    func commits() async throws -> [String] {
        try await spaceAtHub.git("log", "--format=%H", "main").split(separator: "\n").map { String($0) }
    }

    func tree(of commit: String) async throws -> String {
        try await spaceAtHub.git("rev-parse", "\(commit)^{tree}")
    }

    /// Checks that every object reachable from the Space's commits exists.
    func checkSpace() async throws {
        try await spaceAtHub.git("fsck", "--full", "--strict", "--connectivity-only")
    }
}

extension Repository {
    func change(to number: Int) async throws {
        try await commit(
            ["app.py": "print(\(number))\n", "lib/x.txt": "\(number)\n", "lib/n\(number).txt": "new\n"],
            "Change \(number)")
    }

    /// Commits a Dockerfile whose build fails.
    func breakBuild() async throws {
        let dockerfile = try text("Dockerfile")
        try await commit(["Dockerfile": dockerfile + "RUN false\n"], "Break the build")
    }
}
