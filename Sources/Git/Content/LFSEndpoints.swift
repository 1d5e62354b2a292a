internal import CGit2
import Essentials
import HTTP
import SpacesModel
import TextTools

/// The directories and servers that may have the LFS objects of a source.
package struct LFSEndpoints: Hashable, Sendable {
    /// `lfs/objects` directories on this machine, in the layout of `git-lfs`.
    var directories: [String] = []
    /// LFS servers, up to `…/info/lfs`, the most likely first.
    package var servers: [Server] = []
    /// Messages about configured URLs that are not used, each with the reason.
    var rejected: [String] = []

    package struct Server: Hashable, Sendable {
        package var url: URL
        /// Whether the URL comes from a file of the source (`.lfsconfig`) and not from this
        /// machine's configuration.
        package var isForeign = false
        /// The credentials that read the repository itself, if the server has the same origin as
        /// the repository.
        package var authorization: Authorization?

        /// The host and port, for messages.
        package var host: String { Origin(url)?.hostAndPort ?? "its server" }
        /// The origin, in the form that a `[source]` section uses.
        package var origin: String { "\(url.scheme ?? "https")://\(host)" }

        /// Parses a URL from a settings file. An SSH URL is converted to HTTPS.
        /// - Throws: `InvalidURL` with the reason if it is not a permitted web server's URL.
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
            guard let url = URL(remote) else { throw InvalidURL(reason: "it cannot be parsed") }
            (self.url, self.isForeign) = (url, isForeign)
        }

        init(url: URL, isForeign: Bool = false) { (self.url, self.isForeign) = (url, isForeign) }
    }

    /// Returns the path of an object's file with the expected size; `nil` if none of the
    /// directories has it.
    package func file(of pointer: LFSPointer) -> String? {
        paths(of: pointer).first { OpenFile($0)?.size == pointer.size }
    }

    /// Returns the reasons why none of the directories has an object, and the configured URLs that
    /// are not used.
    package func reasons(_ pointer: LFSPointer) -> [String] {
        var reasons = rejected
        let damaged = paths(of: pointer).first { FileManager.default.fileExists(atPath: $0) }
        if let damaged {
            reasons.append("damaged in \(damaged) (expected size: \(pointer.size) bytes)")
        } else if let first = directories.first {
            reasons.append("not in \(first)")
        }
        return servers.isEmpty ? reasons + ["no LFS server is configured"] : reasons
    }

    private func paths(of pointer: LFSPointer) -> [String] {
        let (first, second) = (pointer.oid.prefix(2), pointer.oid.dropFirst(2).prefix(2))
        return directories.map { "\($0)/\(first)/\(second)/\(pointer.oid)" }
    }

    /// Returns the LFS server that belongs to a Git remote
    /// (https://github.com/git-lfs/git-lfs/blob/main/docs/api/server-discovery.md); `nil` if the
    /// remote is a path on this machine.
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

    /// Finds the endpoints of a repository at a URL.
    /// - Parameter authorization: the credentials that read the repository.
    init(ofRemote location: String, lfsConfig file: [UInt8]?, _ authorization: Authorization? = nil) {
        (servers, rejected) = Self.servers(in: file ?? [], remote: "origin")
        guard let url = Self.server(ofRemote: location) else { return }
        if servers.isEmpty { servers = [Server(url: url)] }
        for index in servers.indices where Origin(servers[index].url) == Origin(url) {
            servers[index].authorization = authorization
        }
    }

    init() {}

    /// Reads the LFS URLs of `.lfsconfig`, a file in the source's top directory.
    /// - Returns: the permitted servers, and messages about the other URLs.
    static func servers(in file: [UInt8], remote: String) -> (servers: [Server], rejected: [String]) {
        guard let entries = try? readConfiguration(text: file, named: ".lfsconfig") else { return ([], []) }
        let configuredURLs = entries.filter { entry in
            (entry.section == "lfs" && entry.subsection == nil && entry.key == "url")
                || (entry.section == "remote" && entry.subsection == remote && entry.key == "lfsurl")
        }
        var (servers, rejected): ([Server], [String]) = ([], [])
        for text in configuredURLs.compactMap(\.value) where !text.isEmpty {
            do throws(InvalidURL) { servers.append(try Server(written: text, isForeign: true)) } catch {
                rejected.append("ignored URL \(text.redactedURL) in .lfsconfig: \(error.reason)")
            }
        }
        return (servers, rejected)
    }
}

extension Repository {
    /// Finds the LFS endpoints in the order of `git-lfs`: the configuration, then `.lfsconfig`,
    /// then the remote.
    func lfsEndpoints(of commit: Commit) -> LFSEndpoints {
        var endpoints = LFSEndpoints()
        let remote = lfsRemote
        let origin = address(ofRemote: remote)
        let storage = setting("lfs.storage").map { $0.hasPrefix("/") ? $0 : commonDirectory + $0 }
        endpoints.directories = [(storage ?? commonDirectory + "lfs") + "/objects"]
        endpoints.directories += objectDirectories.dropFirst().map { $0 + "/../lfs/objects" }
        if let origin {
            endpoints.directories += Self.directories(ofRemote: origin, from: workTree ?? commonDirectory)
        }
        let configured = [setting("lfs.url"), setting("remote.\(remote).lfsurl")].compactMap { $0 }
        for address in configured {
            let directories = Self.directories(ofRemote: address, from: workTree ?? commonDirectory)
            endpoints.directories += directories
            do throws(InvalidURL) {
                endpoints.servers.append(try LFSEndpoints.Server(written: address))
            } catch {
                guard directories.isEmpty else { continue }
                endpoints.rejected.append(
                    "ignored LFS URL \(RepositoryName.displayName(address)): \(error.reason)")
            }
        }
        if configured.isEmpty {
            let file = try? file(".lfsconfig", of: commit, limit: 64 << 10)
            let found = LFSEndpoints.servers(in: file.flatMap { $0 } ?? [], remote: remote)
            endpoints.servers = found.servers
            endpoints.rejected += found.rejected
        }
        if endpoints.servers.isEmpty, configured.isEmpty, let url = origin.flatMap(LFSEndpoints.server) {
            endpoints.servers = [LFSEndpoints.Server(url: url)]
        }
        return endpoints
    }

    /// Returns the LFS object directories of a remote that is a directory on this machine; empty
    /// for any other remote.
    private static func directories(ofRemote location: String, from base: String) -> [String] {
        let path = location.hasPrefix("file://") ? String(location.dropFirst("file://".count)) : location
        guard !path.contains("://"),
            !RepositoryName.isSCP(path) || FileManager.default.fileExists(atPath: path)
        else { return [] }
        let absolutePath = path.hasPrefix("/") ? path : base + "/" + path
        return [absolutePath + "/lfs/objects", absolutePath + "/.git/lfs/objects"]
    }

    /// The remote that `git-lfs` fetches from: that of the branch at HEAD, else
    /// `remote.lfsdefault`, else the only remote, else `origin`.
    var lfsRemote: String {
        let names = remotes
        let branch = (try? resolve(nil))?.branch
        if let branch, let branchRemote = setting("branch.\(branch).remote"), names.contains(branchRemote) {
            return branchRemote
        }
        return setting("remote.lfsdefault") ?? (names.count == 1 ? names[0] : "origin")
    }

    /// The names of the configured remotes.
    var remotes: [String] {
        var list = git_strarray()
        guard git_remote_list(&list, handle.raw) == 0 else { return [] }
        defer { git_strarray_dispose(&list) }
        return (0..<list.count).compactMap { list.strings[$0].map { String(cString: $0) } }
    }

    /// Returns a remote's URL after `url.*.insteadOf`; `nil` if there is no such remote.
    func address(ofRemote name: String) -> String? {
        let raw = handle.raw
        let remote = try? Handle<RemoteKind>("git_remote_lookup") { git_remote_lookup(&$0, raw, name) }
        guard let remote else { return nil }
        return git_remote_url(remote.raw).map { String(cString: $0) }
    }
}
