import Foundation
import TestSupport
import Testing

/// YAML unit files in `hooks/`.
@Suite(.enabled(if: Peer.hf.isWanted, Comment(rawValue: Peer.hf.word)))
struct UnitYAMLTests {
    private func documents(_ name: String) async throws -> [[String: Any]] {
        try await YAML.documents(PackageRoot.url.path + "/hooks/\(name)")
    }

    @Test func `the CronJob's container deploys with its mounts, and writes nowhere else`() async throws {
        let scene = try await Scene()
        let documents = try await documents("cronjob.yaml")
        let kinds = documents.compactMap { $0["kind"] as? String }
        #expect(kinds == ["ConfigMap", "PersistentVolumeClaim", "CronJob"])
        let job = YAML(documents.last)
        #expect(job["spec"]["concurrencyPolicy"].text == "Forbid")
        let pod = job["spec"]["jobTemplate"]["spec"]["template"]["spec"]
        let container = pod["containers"][0]
        #expect(container["securityContext"]["readOnlyRootFilesystem"].bool == true)
        #expect(pod["securityContext"]["runAsNonRoot"].bool == true)
        // Each mount is a folder of the scene, and has a volume.
        let volumes = pod["volumes"].list.compactMap { $0["name"].text }
        var mounts: [(String, String)] = []
        for mount in container["volumeMounts"].list {
            let (name, path) = (try #require(mount["name"].text), try #require(mount["mountPath"].text))
            #expect(volumes.contains(name))
            mounts.append((path, scene.folder.path + "/" + name))
            try FileManager.default.createDirectory(
                atPath: scene.folder.path + "/" + name, withIntermediateDirectories: true)
        }
        func placed(_ text: String) -> String {
            mounts.first { text.contains($0.0) }.map { text.replacing($0.0, with: $0.1) } ?? text
        }
        let source = try await scene.source()
        let settings = try #require(YAML(documents.first)["data"]["spaces.conf"].text)
            .replacing("https://github.com/owner/name", with: source.url.path)
            .replacing("owner/name", with: "me/web")
            .replacing("branch = main", with: "branch = webai2hf:main\n    create = true")
        try Data(settings.utf8).write(to: scene.folder.url.appending(path: "settings/spaces.conf"))
        try Data(Scene.token.utf8).write(to: scene.folder.url.appending(path: "token/hub-token"))
        var environment = scene.environment
        environment["HF_TOKEN"] = nil
        for variable in container["env"].list {
            let name = try #require(variable["name"].text), value = try #require(variable["value"].text)
            #expect(mounts.contains { value.hasPrefix($0.0) }, "\(name) is a mount")
            environment[name] = placed(value)
        }
        let args = container["args"].list.compactMap(\.text)
        for arg in args where arg.contains("/") {
            #expect(mounts.contains { arg.contains("=\($0.0)/") }, "\(arg) is in a mount")
        }
        let now = args.map { $0.hasPrefix("--jitter=") ? "--jitter=0s" : placed($0) }
        let passed = try await run(
            Binary.path, now, environment: environment, directory: scene.folder.url)
        #expect(passed.status == 0, "\(passed)")
        #expect(try await scene.clone("me/web").text("app.py") == "print('hello')\n")
        #expect(
            FileManager.default.fileExists(
                atPath: scene.folder.path + "/cache/spacesync/" + scene.passLockName))
        // The home directory is not a mount.
        let left = try FileManager.default.subpathsOfDirectory(atPath: scene.folder.path + "/home")
        #expect(left.allSatisfy { $0.hasPrefix(".gitconfig") }, "\(left)")
    }

    @Test func `the workflow deploys with the Action and its inputs`() async throws {
        let scene = try await Scene()
        let workflow = YAML(try await documents("github-actions.yml").first)
        let permissions = workflow["permissions"]
        #expect(permissions["contents"].text == "read" && permissions["id-token"].text == "write")
        let steps = workflow["jobs"]["deploy"]["steps"].list
        // Actions are pinned to a version, and the checkout's token is not left in the source.
        for step in steps {
            let action = try #require(step["uses"].text)
            #expect(action.contains("@v"))
            if action.hasPrefix("actions/checkout@") {
                #expect(step["with"]["persist-credentials"].bool == false)
            }
        }
        let step = try #require(steps.last)
        let path = try #require(step["uses"].text?.firstMatch(of: /^owner\/spacesync\/(.+)@v\d$/)?.1)
        #expect(FileManager.default.fileExists(atPath: PackageRoot.url.path + "/\(path)/action.yml"))
        // The workflow needs an existing Space.
        let made = try await scene.spacesync("create", "me/demo", "--sdk", "docker")
        try #require(made.status == 0, "\(made)")
        let inputs = (step["with"].value as? [String: String] ?? [:]).mapValues {
            $0.replacing("owner/name", with: "me/demo")
        }
        let run = try await scene.action(
            inputs, in: try await scene.source().url, release: try await TestRelease.start())
        #expect(run.finished.status == 0 && run.outputs["outcome"] == "deployed", "\(run)")
        #expect(!run.finished.out.contains("Unexpected input"), "\(run)")
    }
}

/// A value of a YAML document; a missing value has only missing values below it.
struct YAML {
    let value: Any?
    init(_ value: Any?) { self.value = value }
    subscript(name: String) -> YAML { YAML((value as? [String: Any])?[name]) }
    subscript(index: Int) -> YAML { list.indices.contains(index) ? list[index] : YAML(nil) }
    var list: [YAML] { (value as? [Any] ?? []).map { YAML($0) } }
    var text: String? { value as? String }
    var bool: Bool? { value as? Bool }

    /// The texts with this key, at any depth.
    func values(of key: String) -> [String] {
        let below = (value as? [String: Any] ?? [:]).sorted { $0.key < $1.key }
        return below.flatMap { name, value in
            let lines = YAML(value).text.map { [$0] } ?? YAML(value).list.compactMap(\.text)
            return name == key ? lines : YAML(value).values(of: key)
        } + list.flatMap { $0.values(of: key) }
    }

    /// Returns the documents of a file, parsed by Python; keys that are parsed as another type
    /// become text again.
    static func documents(_ path: String) async throws -> [[String: Any]] {
        let python = URL(fileURLWithPath: try Peer.hf.found()).deletingLastPathComponent().path + "/python3"
        let script = """
            import json, sys, yaml
            print(json.dumps(list(yaml.safe_load_all(open(sys.argv[1], encoding="utf-8")))))
            """
        let read = try await run(python, ["-c", script, path])
        guard read.status == 0 else { throw Unread(said: read.description) }
        return try JSONSerialization.jsonObject(with: Data(read.out.utf8)) as? [[String: Any]] ?? []
    }

    struct Unread: Error { var said: String }
}
