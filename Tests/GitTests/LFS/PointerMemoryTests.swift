import Foundation
import TestSupport
import Testing

@testable import Git
@testable import SpacesModel

@Suite struct PointerMemoryTests {
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

    private func known(_ numbers: some Sequence<Int>, in folder: GitFolder) throws -> [Int] {
        let memory = LFSPointerCache(in: folder.path)
        return try numbers.filter { try memory.pointers(of: [blob($0)])[blob($0)]?.pointer.size == $0 }
    }

    @Test func `what one process remembers another knows`() throws {
        let folder = try GitFolder()
        let memory = LFSPointerCache(in: folder.path)
        try memory.remember(pointer(1), of: blob(1))
        try memory.remember(pointer(2, isBinary: false), of: blob(2))
        let again = LFSPointerCache(in: folder.path)
        #expect(
            try again.pointers(of: [blob(1), blob(2), blob(3)])
                == [blob(1): pointer(1), blob(2): pointer(2, isBinary: false)])
    }

    @Test func `what is known is not written twice, what changed is`() throws {
        let folder = try GitFolder()
        for _ in 0..<3 { try LFSPointerCache(in: folder.path).remember(pointer(1), of: blob(1)) }
        #expect(try Data(contentsOf: file(folder)).count == 64)
        try LFSPointerCache(in: folder.path).remember(pointer(2), of: blob(1))
        #expect(try LFSPointerCache(in: folder.path).pointers(of: [blob(1)])[blob(1)] == pointer(2))
    }

    @Test func `several may write at once`() async throws {
        let folder = try GitFolder()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for worker in 0..<4 {
                group.addTask {
                    let memory = LFSPointerCache(in: folder.path)
                    for number in 0..<50 {
                        try memory.remember(pointer(worker * 50 + number), of: blob(worker * 50 + number))
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(try known(0..<200, in: folder).count == 200)
        #expect(try Data(contentsOf: file(folder)).count == 200 * 64)
    }

    @Test(arguments: [1, 30, 63])
    func `a record that broke off in the middle costs no other`(kept: Int) throws {
        let folder = try GitFolder()
        for number in 0..<3 {
            try LFSPointerCache(in: folder.path).remember(pointer(number), of: blob(number))
        }
        var bytes = try Data(contentsOf: file(folder))
        bytes.removeSubrange((64 + kept)..<128)
        try bytes.write(to: file(folder))
        #expect(try known(0..<3, in: folder) == [0, 2])
        try LFSPointerCache(in: folder.path).remember(pointer(5), of: blob(5))
        #expect(try known(0..<6, in: folder) == [0, 2, 5])
    }

    @Test(arguments: [1, 30, 63])
    func `a record that broke off at the end costs itself alone`(kept: Int) throws {
        let folder = try GitFolder()
        for number in 0..<3 {
            try LFSPointerCache(in: folder.path).remember(pointer(number), of: blob(number))
        }
        let bytes = try Data(contentsOf: file(folder))
        try bytes.prefix(128 + kept).write(to: file(folder))
        #expect(try known(0..<3, in: folder) == [0, 1])
        try LFSPointerCache(in: folder.path).remember(pointer(5), of: blob(5))
        #expect(try known(0..<6, in: folder) == [0, 1, 5])
    }

    @Test func `a record with a flipped bit is not believed`() throws {
        let folder = try GitFolder()
        for number in 0..<3 {
            try LFSPointerCache(in: folder.path).remember(pointer(number), of: blob(number))
        }
        var bytes = try Data(contentsOf: file(folder))
        bytes[64 + 30] ^= 1
        try bytes.write(to: file(folder))
        #expect(try known(0..<3, in: folder) == [0, 2])
    }

    @Test(arguments: [0, 7])
    func `of too long a file the older half is forgotten`(torn: Int) throws {
        let folder = try GitFolder()
        for number in 0..<11 {
            try LFSPointerCache(in: folder.path).remember(pointer(number), of: blob(number))
        }
        try (try Data(contentsOf: file(folder)) + Data(count: torn)).write(to: file(folder))
        _ = try LFSPointerCache(in: folder.path, maxCount: 10).pointers(of: [blob(0)])
        #expect(try known(0..<11, in: folder) == [6, 7, 8, 9, 10])
        #expect(try Data(contentsOf: file(folder)).count == 5 * 64)
    }

    @Test func `without a directory, or where none can be written, it is this process's own`() throws {
        for directory in [nil, "/proc/nowhere"] as [String?] {
            let memory = LFSPointerCache(in: directory)
            try memory.remember(pointer(1), of: blob(1))
            #expect(try memory.pointers(of: [blob(1)])[blob(1)] == pointer(1))
            #expect(try LFSPointerCache(in: directory).pointers(of: [blob(1)]).isEmpty)
        }
    }
}
