import Foundation
import TestSupport
import Testing

/// Support for Git LFS tests: binary files, sources with pointers, clones with git-lfs.
extension Scene {
    /// The filter configuration of git-lfs, for one git command or one repository.
    static let filter = [
        "filter.lfs.process": "git-lfs filter-process", "filter.lfs.smudge": "git-lfs smudge -- %f",
        "filter.lfs.clean": "git-lfs clean -- %f", "filter.lfs.required": "true",
    ]

    /// Returns a source whose `*.bin` files are pointers made by git-lfs, with the objects in its
    /// `lfs/objects`.
    func pointerSource(_ objects: [String: Data], named name: String = "source") async throws -> Repository {
        _ = try Peer.gitLFS.found()
        let source = try await source(named: name)
        try await source.takePointers()
        try source.write(bytes: objects)
        try await source.commit([".gitattributes": "*.bin filter=lfs diff=lfs merge=lfs -text\n"], "Objects")
        return source
    }

    /// Clones the Space with git-lfs, so that files have their content instead of pointers.
    func lfsClone(_ space: String = "me/demo", as name: String = "clone") async throws -> Repository {
        _ = try Peer.gitLFS.found()
        let clone = Repository(url: folder.url.appending(path: name), home: folder.path + "/home")
        let url = hub.url.replacing("http://", with: "http://u:\(Self.token)@") + "/spaces/\(space)"
        let options = Self.filter.flatMap { ["-c", "\($0.key)=\($0.value)"] }
        try await Repository(url: folder.url, home: clone.home).git(
            ["clone", "-q"] + options + [url, clone.url.path])
        return clone
    }

    /// Returns the ids of the LFS objects that the Hub stores for a Space.
    func objects(of space: String = "me/demo") throws -> Set<String> {
        let root = folder.url.appending(path: "hub/spaces/\(space).git/lfs/objects")
        let names = (try? FileManager.default.subpathsOfDirectory(atPath: root.path)) ?? []
        return Set(names.map { ($0 as NSString).lastPathComponent }.filter { $0.count == 64 })
    }

    /// Returns the content of an LFS object in the Hub's storage.
    func bytes(of oid: String, space: String = "me/demo") throws -> Data {
        try folder.read(
            "hub/spaces/\(space).git/lfs/objects/\(oid.prefix(2))/\(oid.dropFirst(2).prefix(2))/\(oid)")
    }

    /// Returns incomplete uploads in the Hub's storage.
    func leftovers(of space: String = "me/demo") -> [String] {
        let root = folder.url.appending(path: "hub/spaces/\(space).git/lfs/incoming")
        return (try? FileManager.default.subpathsOfDirectory(atPath: root.path)) ?? []
    }

    /// Pushes without waiting for the build.
    func push(
        _ source: Repository, _ flags: String..., changing: [String: String?] = [:]
    ) async throws -> Finished {
        try await spacesync(
            ["push", "me/demo", "--create", "--no-wait"] + flags, in: source.url, changing: changing)
    }

    /// Returns the head of a Space's branch from the Hub's own repository.
    func headOfSpace(_ space: String = "me/demo") async throws -> String {
        try await Repository(
            url: folder.url.appending(path: "hub/spaces/\(space).git"), home: folder.path + "/home"
        ).head("main")
    }

    func clearFaults() async throws { _ = try await hub.call("DELETE", "/_hub/faults") }

    /// Returns the requests that the Hub received, for LFS queries.
    func asked() async throws -> LFSRequests { LFSRequests(all: try await hub.asked()) }
}

/// The Hub's requests, grouped by kind of LFS request.
struct LFSRequests: CustomStringConvertible {
    var all: [HubProcess.Asked]
    var batches: [HubProcess.Asked] { all.filter { $0.path.hasSuffix("/info/lfs/objects/batch") } }
    var puts: [HubProcess.Asked] { all.filter { $0.path.hasPrefix("/_lfs/") && $0.method == "PUT" } }
    var verifies: [HubProcess.Asked] { all.filter { $0.path.hasSuffix("/info/lfs/verify") } }
    /// Requests to storage, by a presigned link.
    var linked: [HubProcess.Asked] { all.filter { $0.path.hasPrefix("/_lfs/") } }
    var any: [HubProcess.Asked] { all.filter { $0.path.contains("lfs") } }
    var writes: [HubProcess.Asked] { all.filter { $0.method == "PUT" || $0.path.hasSuffix("receive-pack") } }
    var description: String { all.map(\.description).joined(separator: "\n") }
}

extension Repository {
    /// Configures the git-lfs filter in this repository.
    func takePointers() async throws {
        for (key, value) in Scene.filter { try await git("config", key, value) }
    }

    func write(bytes files: [String: Data]) throws {
        for (name, bytes) in files {
            let file = url.appending(path: name)
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try bytes.write(to: file)
        }
    }

    func commit(bytes files: [String: Data], _ message: String = "Bytes") async throws {
        try write(bytes: files)
        try await git("add", "-A")
        try await git("commit", "-q", "-m", message)
    }

    func bytes(_ name: String) throws -> Data { try Data(contentsOf: url.appending(path: name)) }

    /// Returns the object id in a pointer of a commit.
    func oid(of path: String, at revision: String = "HEAD") async throws -> String {
        let pointer = try await git("cat-file", "-p", "\(revision):\(path)")
        let line = try #require(pointer.split(separator: "\n").first { $0.hasPrefix("oid sha256:") })
        return String(line.dropFirst(11))
    }

    /// Returns the path at which git-lfs stores an object.
    func object(_ oid: String) -> URL {
        url.appending(path: ".git/lfs/objects/\(oid.prefix(2))/\(oid.dropFirst(2).prefix(2))/\(oid)")
    }
}

extension Data {
    /// Returns pseudorandom binary bytes, the same for each seed.
    static func noise(_ count: Int, _ seed: UInt64 = 1) -> Data {
        var (bytes, state) = ([UInt8](), seed &* 0x9e37_79b9_7f4a_7c15 | 1)
        bytes.reserveCapacity(count + 8)
        while bytes.count < count {
            state ^= state << 13
            state ^= state >> 7
            state ^= state << 17
            Swift.withUnsafeBytes(of: state) { bytes += $0 }
        }
        if count > 1 { bytes[1] = 0 }
        return Data(bytes.prefix(count))
    }
}

extension String {
    /// Returns lines of 16 random hexadecimal digits that compress poorly; the same for each seed.
    static func hardText(_ lines: Int, _ seed: UInt64) -> String {
        let bytes = Data.noise(lines * 8, seed)
        return stride(from: 0, to: bytes.count, by: 8).map { start in
            let number = bytes[start..<(start + 8)].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
            return String(number, radix: 16) + "\n"
        }.joined()
    }
}
