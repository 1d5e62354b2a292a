import Foundation
import TestSupport
import Testing

@testable import Git
@testable import SpacesModel

@Suite struct LFSPointerCacheTests {
    private func blob(_ number: Int) throws -> ObjectID {
        let digits = String(number, radix: 16)
        return try #require(ObjectID(String(repeating: "0", count: 40 - digits.count) + digits))
    }

    private func pointer(_ number: Int, isBinary: Bool = true) throws -> CachedLFSPointer {
        let digits = String(number, radix: 16)
        let oid = String(repeating: "f", count: 64 - digits.count) + digits
        return CachedLFSPointer(try #require(LFSPointer(oid: oid, size: number)), isBinary: isBinary)
    }

    private func file(_ folder: GitFolder) -> URL { URL(fileURLWithPath: folder.path + "/lfs-pointers") }

    private func storedNumbers(_ numbers: some Sequence<Int>, in folder: GitFolder) throws -> [Int] {
        let cache = LFSPointerCache(in: folder.path)
        return try numbers.filter { try cache.pointers(of: [blob($0)])[blob($0)]?.pointer.size == $0 }
    }

    @Test func `pointers stored by one instance are read by another`() throws {
        let folder = try GitFolder()
        let cache = LFSPointerCache(in: folder.path)
        try cache.remember(pointer(1), of: blob(1))
        try cache.remember(pointer(2, isBinary: false), of: blob(2))
        let again = LFSPointerCache(in: folder.path)
        #expect(
            try again.pointers(of: [blob(1), blob(2), blob(3)])
                == [blob(1): pointer(1), blob(2): pointer(2, isBinary: false)])
    }

    @Test func `a known pointer is not written again, a changed one is`() throws {
        let folder = try GitFolder()
        for _ in 0..<3 { try LFSPointerCache(in: folder.path).remember(pointer(1), of: blob(1)) }
        #expect(try Data(contentsOf: file(folder)).count == 64)
        try LFSPointerCache(in: folder.path).remember(pointer(2), of: blob(1))
        #expect(try LFSPointerCache(in: folder.path).pointers(of: [blob(1)])[blob(1)] == pointer(2))
    }

    @Test func `concurrent writers lose no records`() async throws {
        let folder = try GitFolder()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for worker in 0..<4 {
                group.addTask {
                    let cache = LFSPointerCache(in: folder.path)
                    for number in 0..<50 {
                        try cache.remember(pointer(worker * 50 + number), of: blob(worker * 50 + number))
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(try storedNumbers(0..<200, in: folder).count == 200)
        #expect(try Data(contentsOf: file(folder)).count == 200 * 64)
    }

    @Test(arguments: [1, 30, 63])
    func `a truncated record in the middle does not affect other records`(kept: Int) throws {
        let folder = try GitFolder()
        for number in 0..<3 {
            try LFSPointerCache(in: folder.path).remember(pointer(number), of: blob(number))
        }
        var bytes = try Data(contentsOf: file(folder))
        bytes.removeSubrange((64 + kept)..<128)
        try bytes.write(to: file(folder))
        #expect(try storedNumbers(0..<3, in: folder) == [0, 2])
        try LFSPointerCache(in: folder.path).remember(pointer(5), of: blob(5))
        #expect(try storedNumbers(0..<6, in: folder) == [0, 2, 5])
    }

    @Test(arguments: [1, 30, 63])
    func `a truncated record at the end does not affect other records`(kept: Int) throws {
        let folder = try GitFolder()
        for number in 0..<3 {
            try LFSPointerCache(in: folder.path).remember(pointer(number), of: blob(number))
        }
        let bytes = try Data(contentsOf: file(folder))
        try bytes.prefix(128 + kept).write(to: file(folder))
        #expect(try storedNumbers(0..<3, in: folder) == [0, 1])
        try LFSPointerCache(in: folder.path).remember(pointer(5), of: blob(5))
        #expect(try storedNumbers(0..<6, in: folder) == [0, 1, 5])
    }

    @Test func `a record with a flipped bit is ignored`() throws {
        let folder = try GitFolder()
        for number in 0..<3 {
            try LFSPointerCache(in: folder.path).remember(pointer(number), of: blob(number))
        }
        var bytes = try Data(contentsOf: file(folder))
        bytes[64 + 30] ^= 1
        try bytes.write(to: file(folder))
        #expect(try storedNumbers(0..<3, in: folder) == [0, 2])
    }

    @Test(arguments: [0, 7])
    func `the older half of a file that is too long is removed`(torn: Int) throws {
        let folder = try GitFolder()
        for number in 0..<11 {
            try LFSPointerCache(in: folder.path).remember(pointer(number), of: blob(number))
        }
        try (try Data(contentsOf: file(folder)) + Data(count: torn)).write(to: file(folder))
        _ = try LFSPointerCache(in: folder.path, maxCount: 10).pointers(of: [blob(0)])
        #expect(try storedNumbers(0..<11, in: folder) == [6, 7, 8, 9, 10])
        #expect(try Data(contentsOf: file(folder)).count == 5 * 64)
    }

    @Test func `without a writable directory the cache is in memory only`() throws {
        for directory in [nil, "/proc/nowhere"] as [String?] {
            let cache = LFSPointerCache(in: directory)
            try cache.remember(pointer(1), of: blob(1))
            #expect(try cache.pointers(of: [blob(1)])[blob(1)] == pointer(1))
            #expect(try LFSPointerCache(in: directory).pointers(of: [blob(1)]).isEmpty)
        }
    }
}
