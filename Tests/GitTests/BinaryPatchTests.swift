import Deploy
import Foundation
import Git
import TestSupport
import Testing

@testable import Deploy
@testable import SpacesModel

@Suite struct `A patch of a binary file` {
    @Test func `git apply accepts the patch of an added, modified or deleted binary file`() async throws {
        let scene = try await SpaceScene()
        let store = try await scene.store()
        let old = (0..<40_000).map { UInt8(truncatingIfNeeded: $0 &* $0 >> 3) }
        let new = Array(old.dropFirst(100)) + [0, 1, 2]
        let work = try await GitFolder.repository()
        let path: Path = "dir/a b.bin"
        func apply(_ before: [UInt8]?, _ after: [UInt8]?) async throws {
            func side(_ bytes: [UInt8]?) async throws -> GitPatch.Side? {
                guard let bytes else { return nil }
                return GitPatch.Side(
                    kind: .executable, id: try await store.write(blob: bytes), content: bytes)
            }
            let patch = GitPatch(path: path, old: try await side(before), new: try await side(after))
            #expect(patch.isBinary)
            let text = patch.text(binary: try await store.binaryPatch(from: before ?? [], to: after ?? []))
            try Data(text).write(to: URL(fileURLWithPath: work.path + "/patch"))
            try await work.git("apply", "patch")
            let there = try? Data(contentsOf: URL(fileURLWithPath: work.path + "/dir/a b.bin"))
            #expect(there == after.map { Data($0) })
        }
        try await apply(nil, old)
        try await apply(old, new)
        try await apply(new, nil)
    }
}
