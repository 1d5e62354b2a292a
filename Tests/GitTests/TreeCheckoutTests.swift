import Foundation
import TestSupport
import Testing

@testable import Git
@testable import SpacesModel

/// Tests for writing malicious trees to disk.
struct TreeCheckoutTests {
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

    @Test func `a file or directory with the name of a symlink is refused`() throws {
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
    func `a name that is invalid or equivalent to .git is refused`(name: String) throws {
        let folder = try TestDirectory()
        #expect(throws: DeployError.self) {
            try write([one: [entry(name, .file, .zero)]], links: "", to: folder.path)
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty)
    }

    @Test func `a tree that contains itself is an error`() throws {
        let folder = try TestDirectory()
        #expect(throws: DeployError.self) {
            try write([one: [entry("a", .tree, one)]], links: "", to: folder.path)
        }
    }

    @Test(arguments: [
        ("a", "b", false), ("a", "../b", true), ("d/a", "../b", false), ("d/a", "../../b", true),
        ("a", "/b", true), ("d/a", "./../b/..", false), ("a", "x/../..", true),
    ])
    func `a link out of the root is detected by its target`(path: String, target: String, leadsOut: Bool) {
        #expect(TreeCheckout.escapesRoot(Path(target), from: Path(path)) == leadsOut)
    }

    @Test func `a link that leaves the root through another link is detected`() throws {
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
