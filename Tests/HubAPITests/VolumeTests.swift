import Testing

@testable import HubAPI

struct VolumeTests {
    @Test(arguments: [
        "hf://models/me/m:/data", "hf://datasets/me/d@refs/pr/3/train:/d:ro",
        "hf://buckets/me/b/sub/dir:/mnt:rw", "hf://spaces/me/s@v1.2:/app",
        "hf://datasets/me/d@feature%2Fx/a:/x",
    ]) func `a parsed volume is written back unchanged`(_ text: String) throws {
        #expect(try #require(Volume(text)).description == text)
    }

    @Test func `the parts of a volume are parsed`() throws {
        let plain = try #require(Volume("hf://me/m:/data"))
        #expect(
            (plain.type, plain.source, plain.mountPath, plain.isReadOnly) == ("model", "me/m", "/data", nil))
        let deep = try #require(Volume("hf://datasets/me/d@refs/pr/3/a/b:/x:ro"))
        #expect((deep.revision, deep.path, deep.isReadOnly) == ("refs/pr/3", "a/b", true))
    }

    @Test(arguments: [
        "me/m:/data", "hf://me/m", "hf://m:/data", "hf://buckets/me/b@v1:/x", "hf://me/m:data", "hf://me/m:/",
        "hf://me/m:/a/../b", "hf:///m:/data", "hf://me/m@:/data", "",
    ]) func `an invalid volume is rejected`(_ text: String) {
        #expect(Volume(text) == nil)
    }

    @Test func `unknown fields of a volume are sent back to the Hub`() async throws {
        let response =
            "{\"stage\":\"RUNNING\",\"volumes\":[{\"type\":\"bucket\",\"source\":\"me/b\",\"mountPath\":\"/d\",\"mode\":7}]}"
        let scene = try Scene([.request, json(response), .request, json("{}")])
        try await scene.space.setVolumes(try await scene.space.volumes())
        #expect(
            scene.server.connections.joined().contains(
                "{\"volumes\":[{\"type\":\"bucket\",\"source\":\"me/b\",\"mountPath\":\"/d\",\"mode\":7}]}"))
    }
}
