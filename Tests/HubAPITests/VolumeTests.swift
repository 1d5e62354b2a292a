import Testing

@testable import HubAPI

struct VolumeTests {
    @Test(arguments: [
        "hf://models/me/m:/data", "hf://datasets/me/d@refs/pr/3/train:/d:ro",
        "hf://buckets/me/b/sub/dir:/mnt:rw", "hf://spaces/me/s@v1.2:/app",
        "hf://datasets/me/d@feature%2Fx/a:/x",
    ]) func `a volume is written as it was read`(_ text: String) throws {
        #expect(try #require(Volume(text)).description == text)
    }

    @Test func `its parts are told apart`() throws {
        let plain = try #require(Volume("hf://me/m:/data"))
        #expect(
            (plain.type, plain.source, plain.mountPath, plain.isReadOnly) == ("model", "me/m", "/data", nil))
        let deep = try #require(Volume("hf://datasets/me/d@refs/pr/3/a/b:/x:ro"))
        #expect((deep.revision, deep.path, deep.isReadOnly) == ("refs/pr/3", "a/b", true))
    }

    @Test(arguments: [
        "me/m:/data", "hf://me/m", "hf://m:/data", "hf://buckets/me/b@v1:/x", "hf://me/m:data", "hf://me/m:/",
        "hf://me/m:/a/../b", "hf:///m:/data", "hf://me/m@:/data", "",
    ]) func `what is none is none`(_ text: String) {
        #expect(Volume(text) == nil)
    }

    @Test func `what else the Hub tells of a volume goes back to it`() async throws {
        let told =
            "{\"stage\":\"RUNNING\",\"volumes\":[{\"type\":\"bucket\",\"source\":\"me/b\",\"mountPath\":\"/d\",\"mode\":7}]}"
        let scene = try Scene([.request, json(told), .request, json("{}")])
        try await scene.space.setVolumes(try await scene.space.volumes())
        #expect(
            scene.server.connections.joined().contains(
                "{\"volumes\":[{\"mode\":7,\"mountPath\":\"/d\",\"source\":\"me/b\",\"type\":\"bucket\"}]}"))
    }
}
