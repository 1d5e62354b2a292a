import Deploy
import Foundation

/// The files of a work tree as they lie on disk. Links are taken as links, and nothing is entered through one.
struct WorkTree: Sendable {
    let top: String

    /// - Throws: kind `source` for what is neither file, link nor directory, or cannot be read.
    func files(at path: Path) throws(Failure) -> [WorkTreeFile] {
        guard let status = Self.status(place(of: path)) else { return [] }
        switch status.st_mode & S_IFMT {
        case S_IFREG:
            let kind: EntryKind = status.st_mode & S_IXUSR == 0 ? .file : .executable
            return [WorkTreeFile(path: path, kind: kind)]
        case S_IFLNK: return [WorkTreeFile(path: path, kind: .symlink)]
        case S_IFDIR: return try inside(path)
        default: throw Failure(.source, "\(path) is neither a file nor a link: it cannot be deployed")
        }
    }

    func content(of file: WorkTreeFile) throws(Failure) -> [UInt8] {
        let place = place(of: file.path)
        do {
            guard file.kind == .symlink else {
                return Array(try Data(contentsOf: URL(fileURLWithPath: place)))
            }
            return Array(try FileManager.default.destinationOfSymbolicLink(atPath: place).utf8)
        } catch { throw unreadable(file.path, error) }
    }

    private func inside(_ directory: Path) throws(Failure) -> [WorkTreeFile] {
        let names: [String]
        do { names = try FileManager.default.contentsOfDirectory(atPath: place(of: directory)) } catch {
            throw unreadable(directory, error)
        }
        var found: [WorkTreeFile] = []
        for name in names.sorted() where name != ".git" {
            found += try files(at: directory.appending(Path(name)))
        }
        return found
    }

    private func place(of path: Path) -> String { path.isRoot ? top : top + "/" + path.description }

    private func unreadable(_ path: Path, _ error: any Error) -> Failure {
        Failure(.source, "\(path) of the work tree cannot be read", details: [error.localizedDescription])
    }

    private static func status(_ place: String) -> stat? {
        var status = stat()
        return lstat(place, &status) == 0 ? status : nil
    }
}
