import Foundation
import TestSupport
import Testing

/// Checks that the Hub's own client `hf` and spacesync report the same state, whichever of them set it.
@Suite(.enabled(if: Peer.hf.isWanted, Comment(rawValue: Peer.hf.word)))
struct AgreementTests {
    private func running() async throws -> Scene {
        let scene = try await Scene()
        let source = try await scene.source()
        let run = try await scene.spacesync("push", "me/demo", "--create", in: source.url)
        try #require(run.status == 0, "\(run)")
        return scene
    }

    @discardableResult
    private func hf(_ scene: Scene, _ line: String, changing: [String: String] = [:]) async throws -> Finished
    {
        let home = scene.folder.path + "/hfhome"
        let environment = [
            "PATH": "/usr/bin:/bin", "HOME": home, "HF_HOME": home + "/hf", "LC_ALL": "C.UTF-8",
            "HF_ENDPOINT": scene.hub.url, "HF_TOKEN": Scene.token, "HF_HUB_DISABLE_TELEMETRY": "1",
            "NO_COLOR": "1",
        ].merging(changing) { $1 }
        let finished = try await run(
            Peer.hf.found(), line.split(separator: " ").map { String($0) }, environment: environment)
        #expect(finished.status == 0, "hf \(line): \(finished)")
        return finished
    }

    /// Returns the parsed `--json` output of an `hf` command.
    private func hfJSON(_ scene: Scene, _ line: String) async throws -> Any {
        let text = try await hf(scene, line + " --json").out
        return try JSONSerialization.jsonObject(with: Data(text.utf8), options: .fragmentsAllowed)
    }

    private func spacesync(_ scene: Scene, _ line: String, changing: [String: String?] = [:]) async throws
        -> Finished
    {
        let arguments = line.split(separator: " ").map { String($0) }
        let finished = try await scene.spacesync(arguments, changing: changing)
        #expect(finished.status == 0, "spacesync \(line): \(finished)")
        return finished
    }

    @Test func `spacesync reports what hf set`() async throws {
        let scene = try await running()
        try await hf(scene, "spaces variables add me/demo -e A=1 -e B=2")
        try await hf(scene, "spaces variables delete me/demo B -y")
        #expect(try await spacesync(scene, "variables list me/demo").out == "A=1\n")
        try await hf(scene, "spaces secrets add me/demo -s KEY", changing: ["KEY": "hush"])
        #expect(try await spacesync(scene, "secrets list me/demo -q").out == "KEY\n")
        try await hf(
            scene, "spaces volumes set me/demo -v hf://datasets/me/d/train:/data:ro -v hf://buckets/me/b:/b")
        #expect(
            try await spacesync(scene, "volumes list me/demo").out
                == "hf://datasets/me/d/train:/data:ro\nhf://buckets/me/b:/b\n")
        try await hf(scene, "spaces settings me/demo --hardware t4-small --sleep-time 3600")
        try await hf(scene, "spaces dev-mode me/demo")
        try await hf(scene, "repos settings me/demo --type space --protected")
        #expect(try await spacesync(scene, "visibility me/demo -q").out == "protected\n")
        try await hf(scene, "spaces pause me/demo")
        let state = try #require(try await spacesync(scene, "status me/demo --json").events.first)
        #expect(state["stage"] as? String == "PAUSED" && state["dev_mode"] as? Bool == true, "\(state)")
        #expect(state["requested_hardware"] as? String == "t4-small" && state["sleep_time"] as? Int == 3600)
        try await hf(scene, "repos create me/fresh --type space --space-sdk static --private -e C=3")
        try await hf(scene, "repos duplicate me/demo me/copy --type space")
        try await hf(scene, "repos move me/copy me/moved --type space")
        #expect(try await spacesync(scene, "list -q").out == "me/demo\nme/fresh\nme/moved\n")
        #expect(try await spacesync(scene, "variables list me/fresh").out == "C=3\n")
        try await hf(scene, "repos delete me/fresh --type space -y")
        #expect(try await spacesync(scene, "list -q").out == "me/demo\nme/moved\n")
    }

    @Test func `hf reports what spacesync set`() async throws {
        let scene = try await running()
        _ = try await spacesync(scene, "variables set me/demo A=1 B=2")
        _ = try await spacesync(scene, "variables unset me/demo B")
        let variables = try await hfJSON(scene, "spaces variables ls me/demo") as? [[String: Any]]
        #expect(variables?.map { $0["key"] as? String } == ["A"] && variables?[0]["value"] as? String == "1")
        _ = try await spacesync(scene, "secrets set me/demo KEY", changing: ["KEY": "hush"])
        let secrets = try await hfJSON(scene, "spaces secrets ls me/demo") as? [[String: Any]]
        #expect(secrets?.map { $0["key"] as? String } == ["KEY"])
        _ = try await spacesync(
            scene, "volumes set me/demo hf://datasets/me/d@refs/pr/1/train:/data:ro hf://buckets/me/b:/b")
        let volumes = try await hfJSON(scene, "spaces volumes ls me/demo") as? [[String: Any]]
        #expect(volumes?.map { $0["mount_path"] as? String } == ["/data", "/b"])
        #expect(
            volumes?[0]["path"] as? String == "train" && volumes?[0]["revision"] as? String == "refs/pr/1")
        #expect(volumes?[0]["read_only"] as? Bool == true && volumes?[1]["type"] as? String == "bucket")
        _ = try await spacesync(scene, "hardware me/demo t4-small --sleep-time 1h -y")
        _ = try await spacesync(scene, "dev-mode me/demo on")
        _ = try await spacesync(scene, "visibility me/demo public -y")
        _ = try await spacesync(scene, "pause me/demo")
        let info =
            try await hfJSON(scene, "spaces info me/demo --expand runtime,private,sdk") as? [String: Any]
        let runtime = info?["runtime"] as? [String: Any] ?? [:]
        #expect(runtime["stage"] as? String == "PAUSED" && runtime["dev_mode"] as? Bool == true, "\(runtime)")
        #expect(
            runtime["requested_hardware"] as? String == "t4-small" && runtime["sleep_time"] as? Int == 3600)
        #expect(info?["private"] as? Bool == false)
        _ = try await spacesync(scene, "create me/fresh --sdk static --variable C=3")
        _ = try await spacesync(scene, "duplicate me/demo me/copy")
        _ = try await spacesync(scene, "move me/copy me/moved")
        let fresh = try await hfJSON(scene, "spaces info me/fresh --expand private,sdk") as? [String: Any]
        #expect(fresh?["private"] as? Bool == true && fresh?["sdk"] as? String == "static")
        func names() async throws -> Set<Substring> {
            Set(try await hf(scene, "spaces ls --author me -q").out.split(separator: "\n"))
        }
        #expect(try await names() == ["me/demo", "me/fresh", "me/moved"])
        _ = try await spacesync(scene, "delete me/fresh --yes")
        #expect(try await names() == ["me/demo", "me/moved"])
    }

    @Test func `spacesync accepts the command lines of hf`() async throws {
        let scene = try await running()
        try scene.folder.write("all.env", "export ONE='1' # so\nTWO\n")
        try scene.folder.write("secret.env", "THREE='3'\nFOUR\n")
        let lines = [
            "variables add me/demo -e A=1 --env-file \(scene.folder.path)/all.env",
            "secrets add me/demo -s FOUR",
            "secrets add me/demo --secrets-file \(scene.folder.path)/secret.env",
            "secrets delete me/demo THREE -y",
            "volumes set me/demo -v hf://me/m:/m", "restart me/demo --factory-reboot",
            "dev-mode me/demo --stop",
        ]
        for line in lines { _ = try await spacesync(scene, line, changing: ["TWO": "2", "FOUR": "4"]) }
        let listed = try await spacesync(scene, "variables ls me/demo").out
        #expect(listed == "A=1\nONE=1\nTWO=2\n")
        #expect(try await spacesync(scene, "secrets ls me/demo -q").out == "FOUR\n")
        let made =
            "create me/new --type space --space-sdk docker --private -e X=1 -s TWO --flavor cpu-basic --exist-ok"
        _ = try await spacesync(scene, made, changing: ["TWO": "2"])
        #expect(try await spacesync(scene, "info me/new -q").out == "me/new\n")
    }
}
