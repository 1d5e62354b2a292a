import Essentials
import HTTP
import SpacesModel
import TextTools

/// Fingerprints of secrets, kept on this machine for a Hub that does not give descriptions back: a small file for each
/// Space. Losing it costs that it cannot be known whether a secret changed.
package struct FingerprintStore: Sendable {
    private let directory: String

    /// - Parameter directory: made when it is needed.
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
        let (files, place) = (FileManager.default, file(space, host))
        try? files.createDirectory(
            atPath: directory, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        guard !isLink(directory) else { return }
        // In place at once, and never readable by others.
        let fresh = directory + "/.\(UUID().uuidString)"
        guard
            files.createFile(
                atPath: fresh, contents: JSON.object(known).data, attributes: [.posixPermissions: 0o600]),
            rename(fresh, place.path) == 0
        else {
            try? files.removeItem(atPath: fresh)
            return
        }
    }

    /// A link was left by somebody else: what it leads to is not spacesync's.
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
