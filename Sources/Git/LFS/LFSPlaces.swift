import Deploy
import Foundation
import HTTP

/// Where a source's LFS objects may be.
package struct LFSPlaces: Hashable, Sendable {
    /// `lfs/objects` directories on this machine, as `git-lfs` fills them.
    var directories: [String] = []
    /// Servers, up to `…/info/lfs`, the likelier first.
    var servers: [Server] = []

    struct Server: Hashable, Sendable {
        var url: URL
        /// A file of the source names it (`.lfsconfig`), and nobody of this machine.
        var isForeign = false
        /// What reads the repository itself, where it is at the same place.
        var authorization: Authorization?

        /// For messages.
        var host: String { Origin(url)?.shown ?? "its server" }
    }

    /// The file of an object, where one of the directories has it; its size must be right.
    func file(of pointer: LFSPointer) -> String? {
        let (first, second) = (pointer.oid.prefix(2), pointer.oid.dropFirst(2).prefix(2))
        return directories.lazy.map { "\($0)/\(first)/\(second)/\(pointer.oid)" }.first { path in
            OpenFile(path)?.size == pointer.size
        }
    }

    /// The LFS server that belongs to a Git remote (https://github.com/git-lfs/git-lfs/blob/main/docs/api/server-discovery.md);
    /// nil for a path of this machine.
    static func server(ofRemote location: String) -> URL? {
        var address = location
        if RepositoryName.isSCP(location), !location.contains("://") {
            guard let colon = location.firstIndex(of: ":") else { return nil }
            let host = location[..<colon].split(separator: "@").last ?? ""
            address = "https://\(host)/\(location[location.index(after: colon)...].drop { $0 == "/" })"
        } else if let separator = location.range(of: "://") {
            let scheme = location[..<separator.lowerBound].lowercased()
            if scheme.contains("ssh") {
                let rest = location[separator.upperBound...]
                let authority = rest.prefix { $0 != "/" }
                let host = (authority.split(separator: "@").last ?? "").prefix { $0 != ":" }
                address = "https://\(host)\(rest.dropFirst(authority.count))"
            } else if scheme == "git" {
                address = "https" + location[separator.lowerBound...]
            } else if scheme != "https" && scheme != "http" {
                return nil
            }
        } else {
            return nil
        }
        let bare = address.hasSuffix("/") ? String(address.dropLast()) : address
        return URL(string: bare.hasSuffix(".git") ? bare + "/info/lfs" : bare + ".git/info/lfs")
    }

    /// Of a repository behind a URL.
    /// - Parameter authorization: what reads the repository.
    init(ofRemote location: String, lfsConfig file: [UInt8]?, _ authorization: Authorization? = nil) {
        servers = Self.servers(in: file ?? [], remote: "origin")
        guard let url = Self.server(ofRemote: location) else { return }
        if servers.isEmpty { servers = [Server(url: url)] }
        for index in servers.indices where Origin(servers[index].url) == Origin(url) {
            servers[index].authorization = authorization
        }
    }

    init() {}

    /// What `.lfsconfig` in the source's top directory says, as far as it is listened to.
    static func servers(in file: [UInt8], remote: String) -> [Server] {
        guard let entries = try? readConfiguration(text: file, named: ".lfsconfig") else { return [] }
        let named = entries.filter { entry in
            (entry.section == "lfs" && entry.subsection == nil && entry.key == "url")
                || (entry.section == "remote" && entry.subsection == remote && entry.key == "lfsurl")
        }
        return named.compactMap { $0.value.flatMap { URL(string: $0) } }.map {
            Server(url: $0, isForeign: true)
        }
    }
}

extension Repository {
    /// As `git-lfs` looks for them: the configuration first, then `.lfsconfig`, then the remote that it came from.
    func largeFilePlaces(of commit: Commit) -> LFSPlaces {
        var places = LFSPlaces()
        let remote = largeFileRemote
        let origin = address(ofRemote: remote)
        let storage = setting("lfs.storage").map { $0.hasPrefix("/") ? $0 : commonDirectory + $0 }
        places.directories = [(storage ?? commonDirectory + "lfs") + "/objects"]
        places.directories += objectDirectories.dropFirst().map { $0 + "/../lfs/objects" }
        if let origin {
            places.directories += Self.directories(ofRemote: origin, from: workTree ?? commonDirectory)
        }
        let own = [setting("lfs.url"), setting("remote.\(remote).lfsurl")].compactMap { $0 }
        places.servers = own.compactMap { URL(string: $0) }.map { LFSPlaces.Server(url: $0) }
        if own.isEmpty {
            let file = try? file(".lfsconfig", of: commit, limit: 64 << 10)
            places.servers = LFSPlaces.servers(in: file.flatMap { $0 } ?? [], remote: remote)
        }
        if places.servers.isEmpty, let url = origin.flatMap(LFSPlaces.server) {
            places.servers = [LFSPlaces.Server(url: url)]
        }
        return places
    }

    /// Of a remote that is a directory of this machine.
    private static func directories(ofRemote location: String, from base: String) -> [String] {
        let path = location.hasPrefix("file://") ? String(location.dropFirst("file://".count)) : location
        guard !path.contains("://"),
            !RepositoryName.isSCP(path) || FileManager.default.fileExists(atPath: path)
        else { return [] }
        let whole = path.hasPrefix("/") ? path : base + "/" + path
        return [whole + "/lfs/objects", whole + "/.git/lfs/objects"]
    }
}
