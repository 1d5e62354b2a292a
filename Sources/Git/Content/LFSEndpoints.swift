import Essentials
import HTTP
import SpacesModel
import TextTools

/// Where a source's LFS objects may be.
package struct LFSEndpoints: Hashable, Sendable {
    /// `lfs/objects` directories on this machine, as `git-lfs` fills them.
    var directories: [String] = []
    /// Servers, up to `…/info/lfs`, the likelier first.
    package var servers: [Server] = []
    /// URLs that the configuration names and that are not asked, each with the reason.
    var rejected: [String] = []

    package struct Server: Hashable, Sendable {
        package var url: URL
        /// A file of the source names it (`.lfsconfig`), and nobody of this machine.
        package var isForeign = false
        /// What reads the repository itself, where it is at the same place.
        package var authorization: Authorization?

        /// For messages.
        package var host: String { Origin(url)?.hostAndPort ?? "its server" }
        /// As a `[source]` section names it.
        package var origin: String { "\(url.scheme ?? "https")://\(host)" }

        /// Of a URL in a settings file; one of ssh is tried over https.
        /// - Throws: why it is not a URL of a web server that may be asked.
        init(written text: String, isForeign: Bool = false) throws(InvalidURL) {
            var remote = try RemoteURL(text)
            if isForeign, let reason = remote.objectionFromOutside { throw InvalidURL(reason: reason) }
            if LFSEndpoints.sshSchemes.contains(remote.scheme) {
                let port = remote.origin.port == 22 ? "" : ":\(remote.origin.port)"
                let host = remote.origin.host.contains(":") ? "[\(remote.origin.host)]" : remote.origin.host
                remote = try RemoteURL("https://\(host)\(port)\(remote.tail)")
            }
            guard ["http", "https"].contains(remote.scheme) else {
                throw InvalidURL(reason: "its scheme is not https")
            }
            guard let url = URL(remote) else { throw InvalidURL(reason: "it cannot be read") }
            (self.url, self.isForeign) = (url, isForeign)
        }

        init(url: URL, isForeign: Bool = false) { (self.url, self.isForeign) = (url, isForeign) }
    }

    /// The file of an object, where one of the directories has it; its size must be right.
    package func file(of pointer: LFSPointer) -> String? {
        paths(of: pointer).first { OpenFile($0)?.size == pointer.size }
    }

    /// Why none of the directories gives an object, and what else was named in vain.
    package func reasons(_ pointer: LFSPointer) -> [String] {
        var reasons = rejected
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
        let address = SourceAddress(location)
        switch address {
        case .url(let remote):
            guard address.objection(isFromOutside: false) == nil else { return nil }
            switch remote.scheme {
            case "http", "https": return server(below: remote.text)
            case "git": return server(below: "https" + remote.text.dropFirst(3))
            default:
                guard sshSchemes.contains(remote.scheme) else { return nil }
                let host = URLOrigin(scheme: "https", host: remote.origin.host, port: 443)
                return server(below: host.description + remote.tail)
            }
        case .path, .scp:
            guard let shell = SourceAddress.parseSCP(location), shell.objection(isFromOutside: false) == nil,
                case .scp(_, let host, let path) = shell
            else { return nil }
            return server(below: "https://\(host)/\(path.drop { $0 == "/" })")
        case .file, .invalid: return nil
        }
    }

    static let sshSchemes = ["ssh", "git+ssh", "ssh+git"]

    private static func server(below address: String) -> URL? {
        let bare = address.hasSuffix("/") ? String(address.dropLast()) : address
        let text = bare.hasSuffix(".git") ? bare + "/info/lfs" : bare + ".git/info/lfs"
        return (try? RemoteURL(text)).flatMap { URL($0) }
    }

    /// Of a repository behind a URL.
    /// - Parameter authorization: what reads the repository.
    init(ofRemote location: String, lfsConfig file: [UInt8]?, _ authorization: Authorization? = nil) {
        (servers, rejected) = Self.servers(in: file ?? [], remote: "origin")
        guard let url = Self.server(ofRemote: location) else { return }
        if servers.isEmpty { servers = [Server(url: url)] }
        for index in servers.indices where Origin(servers[index].url) == Origin(url) {
            servers[index].authorization = authorization
        }
    }

    init() {}

    /// What `.lfsconfig` in the source's top directory says, as far as it is listened to.
    /// - Returns: the servers, and what is wrong with the other URLs.
    static func servers(in file: [UInt8], remote: String) -> (servers: [Server], odd: [String]) {
        guard let entries = try? readConfiguration(text: file, named: ".lfsconfig") else { return ([], []) }
        let named = entries.filter { entry in
            (entry.section == "lfs" && entry.subsection == nil && entry.key == "url")
                || (entry.section == "remote" && entry.subsection == remote && entry.key == "lfsurl")
        }
        var (servers, odd): ([Server], [String]) = ([], [])
        for text in named.compactMap(\.value) where !text.isEmpty {
            do throws(InvalidURL) { servers.append(try Server(written: text, isForeign: true)) } catch {
                odd.append("\(text.redactedURL) of .lfsconfig is not asked: \(error.reason)")
            }
        }
        return (servers, odd)
    }
}

extension Repository {
    /// As `git-lfs` looks for them: the configuration first, then `.lfsconfig`, then the remote that it came from.
    func lfsEndpoints(of commit: Commit) -> LFSEndpoints {
        var places = LFSEndpoints()
        let remote = lfsRemote
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
            do throws(InvalidURL) { places.servers.append(try LFSEndpoints.Server(written: address)) } catch {
                guard directories.isEmpty else { continue }
                places.rejected.append(
                    "\(RepositoryName.displayName(address)) is not asked for objects: \(error.reason)")
            }
        }
        if own.isEmpty {
            let file = try? file(".lfsconfig", of: commit, limit: 64 << 10)
            let found = LFSEndpoints.servers(in: file.flatMap { $0 } ?? [], remote: remote)
            places.servers = found.servers
            places.rejected += found.odd
        }
        if places.servers.isEmpty, own.isEmpty, let url = origin.flatMap(LFSEndpoints.server) {
            places.servers = [LFSEndpoints.Server(url: url)]
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
