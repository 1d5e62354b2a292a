import Foundation
import TestSupport
import Testing

@testable import CLI
@testable import SpacesModel

/// Tests for the cache file with the outcomes of deploys.
struct OutcomeCacheTests {
    private let folder: TestDirectory
    private let space: SpaceID
    private var cache: OutcomeCache { OutcomeCache(in: folder.path, at: "huggingface.co", space) }
    private var file: String { folder.path + "/outcomes/huggingface.co+me+demo" }

    init() throws {
        folder = try TestDirectory()
        space = try #require(SpaceID("me/demo"))
    }

    private func id(_ number: Int) throws -> ObjectID {
        let hex = String(number, radix: 16)
        return try #require(ObjectID(String(repeating: "0", count: 40 - hex.count) + hex))
    }

    private func write(_ text: String) throws {
        mkdir(folder.path + "/outcomes", 0o700)
        try Data(text.utf8).write(to: URL(fileURLWithPath: file))
        chmod(file, 0o600)
    }

    @Test func `stored outcomes are read back, separately for each Space`() throws {
        #expect(cache.outcomes().isEmpty)
        cache.store(.ran, of: try id(1))
        cache.store(.failed, of: try id(2))
        cache.store(.ran, of: try id(2))
        #expect(try cache.outcomes() == [id(1): .ran, id(2): .ran])
        let other = OutcomeCache(in: folder.path, at: "huggingface.co", try #require(SpaceID("me/other")))
        #expect(other.outcomes().isEmpty)
        var info = stat()
        #expect(stat(file, &info) == 0 && info.st_mode & 0o777 == 0o600)
    }

    @Test func `the last 100 outcomes are kept`() throws {
        for number in 1...130 { cache.store(.ran, of: try id(number)) }
        let outcomes = cache.outcomes()
        #expect(try outcomes.count == 100 && outcomes[id(130)] == .ran && outcomes[id(30)] == nil)
    }

    @Test(arguments: ["garbage", "\u{0}\u{0}\n\n\n", "ran 1\n", String(repeating: "x", count: 200_000)])
    func `corrupt content is ignored and replaced by the next outcome`(text: String) throws {
        try write(text)
        #expect(cache.outcomes().isEmpty)
        cache.store(.failed, of: try id(7))
        #expect(try cache.outcomes() == [id(7): .failed])
    }

    @Test func `valid lines among corrupt ones are read`() throws {
        try write(
            "\(try id(1)) ran\n\(try id(2)) unknown\n\(try id(3)) won\n\(try id(4)) failed x\n\(try id(5)) fail"
        )
        #expect(try cache.outcomes() == [id(1): .ran])
    }

    @Test func `a symlink and a file writable by others are not read`() throws {
        let lines = "\(try id(1)) ran\n"
        try write(lines)
        chmod(file, 0o666)
        #expect(cache.outcomes().isEmpty)
        unlink(file)
        let elsewhere = try folder.write("elsewhere", lines).path
        symlink(elsewhere, file)
        #expect(cache.outcomes().isEmpty)
        cache.store(.ran, of: try id(2))
        #expect(try cache.outcomes() == [id(2): .ran])
        #expect(
            String(decoding: try folder.read("elsewhere"), as: UTF8.self) == lines, "what it led to stays")
    }

    @Test func `if the cache is not writable, only the outcome is lost`() throws {
        let nowhere = OutcomeCache(in: "/proc/nothing", at: "huggingface.co", space)
        nowhere.store(.ran, of: try id(1))
        #expect(nowhere.outcomes().isEmpty)
    }
}
