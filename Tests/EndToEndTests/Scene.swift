import Foundation
import HTTP
import TestSupport

/// An isolated environment for one test: a home directory, a local Hub as a child process, and the
/// built binary.
final class Scene: Sendable {
    let folder: TestDirectory
    let hub: HubProcess
    private let place: Crowd.Place

    init(hub flags: [String] = []) async throws {
        place = await Crowd.scenes.enter()
        folder = try TestDirectory()
        try FileManager.default.createDirectory(
            at: folder.url.appending(path: "home"), withIntermediateDirectories: true)
        hub = try await HubProcess.start(
            flags + ["--root", folder.path + "/hub"], home: folder.path + "/home")
    }

    /// The complete environment of a run. The proxy is a closed port, because loopback must never use it.
    var environment: [String: String] {
        var environment = Self.plain
        environment["HOME"] = folder.path + "/home"
        environment["HF_ENDPOINT"] = hub.url
        environment["HF_TOKEN"] = Self.token
        environment["SPACESYNC_RETRIES"] = "1"
        return environment
    }

    /// A unique value that is searched for in the output and files of a run; it does not look like
    /// a credential.
    static let token = "zebra-crossing-at-noon"

    static let plain: [String: String] = [
        "PATH": ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin", "USER": "ada", "LC_ALL": "C",
        // The machine's system configuration may rewrite github.com URLs.
        "GIT_CONFIG_NOSYSTEM": "1",
        "http_proxy": "http://127.0.0.1:9", "HTTP_PROXY": "http://127.0.0.1:9",
        "https_proxy": "http://127.0.0.1:9",
        "all_proxy": "http://127.0.0.1:9",
    ]

    /// Runs the built binary; `nil` in `changing` removes a variable.
    func spacesync(
        _ arguments: String..., in directory: URL? = nil, changing: [String: String?] = [:],
        input: String = ""
    ) async throws -> Finished {
        try await spacesync(arguments, in: directory, changing: changing, input: input)
    }

    func spacesync(
        _ arguments: [String], in directory: URL? = nil, changing: [String: String?] = [:], input: String = ""
    ) async throws -> Finished {
        let environment = environment.merging(changing.mapValues { $0 ?? "" }) { $1 }.filter {
            !$0.value.isEmpty
        }
        return try await run(
            Binary.path, arguments, environment: environment, directory: directory ?? folder.url,
            input: Data(input.utf8))
    }

    /// Returns a repository with one commit on the branch `webai2hf`.
    func source(_ files: [String: String] = Scene.files, named name: String = "source") async throws
        -> Repository
    {
        let repository = Repository(url: folder.url.appending(path: name), home: folder.path + "/home")
        try FileManager.default.createDirectory(at: repository.url, withIntermediateDirectories: true)
        try await repository.git("init", "-q", "-b", "webai2hf")
        try await repository.commit(files, "Say hello")
        return repository
    }

    static let files = [
        "app.py": "print('hello')\n",
        "Dockerfile": "FROM python:3.12-slim\nCOPY app.py .\nCMD [\"python\", \"app.py\"]\n",
        "README.md": "---\ntitle: Demo\nsdk: docker\n---\n# Demo\n",
    ]

    /// Clones the Space with real git.
    func clone(_ space: String, as name: String = "clone") async throws -> Repository {
        let url = hub.url.replacing("http://", with: "http://u:\(Self.token)@") + "/spaces/\(space)"
        let clone = Repository(url: folder.url.appending(path: name), home: folder.path + "/home")
        try await Repository(url: folder.url, home: folder.path + "/home").git(
            "clone", "-q", url, clone.url.path)
        return clone
    }
}

/// A repository on disk, used with real git.
struct Repository: Sendable {
    let url: URL
    let home: String

    @discardableResult
    func git(_ arguments: String...) async throws -> String { try await git(arguments) }

    @discardableResult
    func git(_ arguments: [String]) async throws -> String {
        var environment = gitEnvironment(home: home)
        environment["no_proxy"] = "*"
        let finished = try await run(
            try Peer.git.found(), arguments, environment: environment, directory: url)
        guard finished.status == 0 else { throw GitTrouble(arguments: arguments, finished: finished) }
        return finished.out.trimmingCharacters(in: .newlines)
    }

    struct GitTrouble: Error {
        var arguments: [String]
        var finished: Finished
    }

    func write(_ files: [String: String]) throws {
        for (name, text) in files {
            let file = url.appending(path: name)
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(text.utf8).write(to: file)
        }
    }

    func commit(_ files: [String: String], _ message: String) async throws {
        try write(files)
        try await git("add", "-A")
        try await git("commit", "-q", "-m", message)
    }

    func head(_ revision: String = "HEAD") async throws -> String { try await git("rev-parse", revision) }
    func paths() async throws -> [String] {
        try await git("ls-tree", "-r", "--name-only", "HEAD").split(separator: "\n").map { String($0) }
    }
    func text(_ name: String) throws -> String {
        try String(contentsOf: url.appending(path: name), encoding: .utf8)
    }
}

/// The binary that was built with these tests.
enum Binary {
    static var path: String {
        let runner = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        let built = runner.deletingLastPathComponent().appending(path: "spacesync").path
        if FileManager.default.isExecutableFile(atPath: built) { return built }
        return PackageRoot.url.appending(path: ".build/debug/spacesync").path
    }
}
