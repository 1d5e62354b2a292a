import Essentials
import HTTP
import SpacesModel
import TextTools

/// Store of secret fingerprints on this machine, with one file per Space, for Hubs that do not return
/// descriptions. Without a fingerprint it is unknown whether a secret has changed.
package struct FingerprintStore: Sendable {
    private let directory: String

    /// - Parameter directory: created when the first fingerprint is saved.
    package init(in directory: String) { self.directory = directory }

    func fingerprints(of space: SpaceID, at host: String) -> [String: Fingerprint] {
        guard !isLink(directory), !isLink(file(space, host).path),
            let data = try? Data(contentsOf: file(space, host)), data.count < 1 << 20
        else { return [:] }
        return (JSON(data)?.object ?? [:]).compactMapValues { $0.string.flatMap(Fingerprint.init(in:)) }
    }

    func save(_ fingerprint: Fingerprint, of name: String, _ space: SpaceID, at host: String) {
        var known = fingerprints(of: space, at: host).mapValues { JSON.string($0.description) }
        known[name] = .string(fingerprint.description)
        let (files, url) = (FileManager.default, file(space, host))
        try? files.createDirectory(
            atPath: directory, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        guard !isLink(directory) else { return }
        // Renamed, so that the file is replaced atomically and is never readable by other users.
        let temporaryPath = directory + "/.\(UUID().uuidString)"
        guard
            files.createFile(
                atPath: temporaryPath, contents: JSON.object(known).data,
                attributes: [.posixPermissions: 0o600]),
            rename(temporaryPath, url.path) == 0
        else {
            try? files.removeItem(atPath: temporaryPath)
            return
        }
    }

    /// Whether the path is a symbolic link. spacesync does not create links, so the target may belong
    /// to somebody else.
    private func isLink(_ path: String) -> Bool {
        var info = stat()
        return lstat(path, &info) == 0 && info.st_mode & S_IFMT == S_IFLNK
    }

    private func file(_ space: SpaceID, _ host: String) -> URL {
        let name = "\(host)-\(space.owner)-\(space.name)".map {
            $0.isASCII && ($0.isLetter || $0.isNumber || ".-_".contains($0)) ? $0 : "-"
        }
        return URL(fileURLWithPath: directory + "/" + String(name) + ".json")
    }
}
