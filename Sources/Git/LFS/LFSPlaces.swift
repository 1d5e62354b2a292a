import Deploy
import Foundation
import HTTP

/// Where a source's LFS objects may be.
package struct LFSPlaces: Hashable, Sendable {
    /// `lfs/objects` directories on this machine, as `git-lfs` fills them.
    var directories: [String] = []
    /// Servers, up to `…/info/lfs`, the likelier first.
    var servers: [Server] = []
    /// What the configuration names and nothing can be had from.
    var odd: [String] = []

    struct Server: Hashable, Sendable {
        var url: URL
        /// A file of the source names it (`.lfsconfig`), and nobody of this machine.
        var isForeign = false
        /// What reads the repository itself, where it is at the same place.
        var authorization: Authorization?

        /// For messages.
        var host: String { Origin(url)?.shown ?? "its server" }
        /// As a `[source]` section names it.
        var origin: String { "\(url.scheme ?? "https")://\(host)" }

        /// Of an address that somebody wrote down; nil for what is no web server's. One of ssh is tried over https.
        init?(written address: String, isForeign: Bool = false) {
            var address = address
            if let rest = address.range(of: "ssh://") {
                let whole = address[rest.upperBound...]
                address = "https://" + (whole.split(separator: "@", maxSplits: 1).last ?? whole)
            }
            guard let url = URL(string: address), ["http", "https"].contains(url.scheme?.lowercased() ?? ""),
                url.host != nil
            else { return nil }
            (self.url, self.isForeign) = (url, isForeign)
        }

        init(url: URL, isForeign: Bool = false) { (self.url, self.isForeign) = (url, isForeign) }
    }

    /// The file of an object, where one of the directories has it; its size must be right.
    func file(of pointer: LFSPointer) -> String? {
        paths(of: pointer).first { OpenFile($0)?.size == pointer.size }
    }

    /// Why none of the directories gives an object, and what else was named in vain.
    func reasons(_ pointer: LFSPointer) -> [String] {
        var reasons = odd.map { "\($0) is no address that objects are had from" }
        let cut = paths(of: pointer).first { FileManager.default.fileExists(atPath: $0) }
        if let cut {
            reasons.append("damaged in \(cut), which should hold \(pointer.size) bytes")
        } else if let first = directories.first {
            reasons.append("not in \(first)")
        }
        return servers.isEmpty ? reasons + ["and its repository names no LFS server"] : reasons
    }

    private func paths(of pointer: LFSPointer) -> [String] {
        let (first, second) = (pointer.oid.prefix(2), pointer.oid.dropFirst(2).prefix(2))
        return directories.map { "\($0)/\(first)/\(second)/\(pointer.oid)" }
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
        return named.compactMap { $0.value.flatMap { Server(written: $0, isForeign: true) } }
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
        for address in own {
            let directories = Self.directories(ofRemote: address, from: workTree ?? commonDirectory)
            places.directories += directories
            if let server = LFSPlaces.Server(written: address) {
                places.servers.append(server)
            } else if directories.isEmpty {
                places.odd.append(RepositoryName.shown(address))
            }
        }
        if own.isEmpty {
            let file = try? file(".lfsconfig", of: commit, limit: 64 << 10)
            places.servers = LFSPlaces.servers(in: file.flatMap { $0 } ?? [], remote: remote)
        }
        if places.servers.isEmpty, own.isEmpty, let url = origin.flatMap(LFSPlaces.server) {
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
