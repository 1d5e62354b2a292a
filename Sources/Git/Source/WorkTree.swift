import Deploy
import Foundation

/// The files of a work tree as they lie on disk. Links are taken as links, and nothing is entered through one.
struct WorkTree: Sendable {
    let top: String

    /// - Throws: kind `source` for what is neither file, link nor directory, or cannot be read.
    func files(at path: Path) throws(Failure) -> [WorkTreeFile] {
        var found: [WorkTreeFile] = []
        try collect(path, depth: 0, into: &found)
        return found
    }

    private func collect(
        _ path: Path, depth: Int, into found: inout [WorkTreeFile]
    ) throws(Failure) {
        guard depth <= TreeLimit.depth, path.bytes.count <= Path.longest, found.count < TreeLimit.entries
        else {
            throw Failure(
                .source, "\(path.shown.shortened(to: 200)) of the work tree is beyond what is read",
                details: [
                    "at most \(TreeLimit.entries) files, \(TreeLimit.depth) directories within each other, "
                        + "and paths of \(Path.longest) bytes"
                ],
                hint: "name what is needed of it: add = FROM")
        }
        guard let status = Self.status(place(of: path)) else { return }
        switch status.st_mode & S_IFMT {
        case S_IFREG:
            let kind: EntryKind = status.st_mode & S_IXUSR == 0 ? .file : .executable
            found.append(WorkTreeFile(path: path, kind: kind))
        case S_IFLNK: found.append(WorkTreeFile(path: path, kind: .symlink))
        case S_IFDIR: for inner in try inside(path) { try collect(inner, depth: depth + 1, into: &found) }
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

    private func inside(_ directory: Path) throws(Failure) -> [Path] {
        let names: [String]
        do { names = try FileManager.default.contentsOfDirectory(atPath: place(of: directory)) } catch {
            throw unreadable(directory, error)
        }
        return names.sorted().filter { $0 != ".git" }.map { directory.appending(Path($0)) }
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
