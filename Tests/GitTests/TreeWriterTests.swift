import Foundation
import TestSupport
import Testing

@testable import Git
@testable import SpacesModel

/// Trees that no honest Git writes, on their way to a disk.
struct TreeWriterTests {
    private let one = ObjectID(String(repeating: "1", count: 40)) ?? .zero
    private let two = ObjectID(String(repeating: "2", count: 40)) ?? .zero

    private func write(_ trees: [ObjectID: [TreeEntry]], links target: String, to folder: String)
        throws(DeployError)
    {
        var writer = TreeCheckout(
            entries: { (tree) throws(DeployError) in trees[tree] ?? [] },
            copy: { (_, _) throws(DeployError) in TreeCheckout.BlobCopy(size: 0) },
            target: { (_) throws(DeployError) in Array(target.utf8) })
        try writer.write(one, to: folder)
    }

    private func entry(_ name: String, _ kind: EntryKind, _ id: ObjectID) -> TreeEntry {
        TreeEntry(name: Path(name), kind: kind, id: id)
    }

    @Test func `a directory of a link's name is not entered`() throws {
        let (folder, precious) = (try TestDirectory(), try TestDirectory())
        let trees = [
            one: [entry("a", .symlink, .zero), entry("a", .tree, two)], two: [entry("x", .file, .zero)],
        ]
        #expect(throws: DeployError.self) { try write(trees, links: precious.path, to: folder.path) }
        #expect(try FileManager.default.contentsOfDirectory(atPath: precious.path).isEmpty)
        let file = [one: [entry("a", .symlink, .zero), entry("a", .file, .zero)]]
        let other = try TestDirectory()
        #expect(throws: DeployError.self) { try write(file, links: precious.path + "/x", to: other.path) }
        #expect(try FileManager.default.contentsOfDirectory(atPath: precious.path).isEmpty)
    }

    @Test(arguments: ["..", ".git", "a/b", "", ".GIT", "git~1"])
    func `a name that means something else is refused`(name: String) throws {
        let folder = try TestDirectory()
        #expect(throws: DeployError.self) {
            try write([one: [entry(name, .file, .zero)]], links: "", to: folder.path)
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty)
    }

    @Test func `a tree that holds itself ends`() throws {
        let folder = try TestDirectory()
        #expect(throws: DeployError.self) {
            try write([one: [entry("a", .tree, one)]], links: "", to: folder.path)
        }
    }

    @Test(arguments: [
        ("a", "b", false), ("a", "../b", true), ("d/a", "../b", false), ("d/a", "../../b", true),
        ("a", "/b", true), ("d/a", "./../b/..", false), ("a", "x/../..", true),
    ])
    func `whether a link leads out is read from its names`(place: String, target: String, leadsOut: Bool) {
        #expect(Path(place).escapesRoot(by: Path(target)) == leadsOut)
    }

    @Test func `a link that leads out by way of another is found`() throws {
        let folder = try TestDirectory()
        var writer = TreeCheckout(
            entries: { (tree) throws(DeployError) in
                switch tree {
                case one: [entry("x", .tree, two)]
                case two: [entry("up", .symlink, .zero), entry("z", .symlink, one)]
                default: []
                }
            }, copy: { (_, _) throws(DeployError) in TreeCheckout.BlobCopy(size: 0) },
            target: { (id) throws(DeployError) in Array((id == .zero ? ".." : "up/..").utf8) })
        try writer.write(one, to: folder.path)
        #expect(writer.exported.escapingLinks.count == 1, "\(writer.exported)")
    }
}
