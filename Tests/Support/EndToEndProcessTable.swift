import Foundation

/// The running processes of this machine, read from `/proc` (proc(5)).
package enum ProcessTable {
    /// Returns process id, command line and working directory of each process whose command line or
    /// working directory contains the text, except the calling process.
    package static func commands(naming text: String) -> [String] {
        let own = "\(ProcessInfo.processInfo.processIdentifier)"
        let ids = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return ids.filter { Int($0) != nil && $0 != own }.compactMap { id in
            let folder = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(id)/cwd")) ?? ""
            let description = commandLine(of: Int32(id) ?? 0) + " in " + folder
            return description.contains(text) ? "\(id) \(description)" : nil
        }
    }
}

extension ProcessTable {
    /// Returns the command line of a process, its arguments separated by spaces.
    package static func commandLine(of id: Int32) -> String {
        let arguments = FileManager.default.contents(atPath: "/proc/\(id)/cmdline") ?? Data()
        return String(decoding: arguments.map { $0 == 0 ? 32 : $0 }, as: UTF8.self)
    }

    /// Returns the ids of the child processes of a process.
    package static func children(of parent: Int32) -> [Int32] {
        let ids =
            (try? FileManager.default.contentsOfDirectory(atPath: "/proc"))?.compactMap { Int32($0) } ?? []
        return ids.filter { id in
            let text = String(
                decoding: FileManager.default.contents(atPath: "/proc/\(id)/stat") ?? Data(), as: UTF8.self)
            // The line is `pid (name) state ppid …`, and the name may contain any character: split
            // after its `)`.
            let fields = text.split(separator: ")").last?.split(separator: " ") ?? []
            return fields.count > 1 && Int32(fields[1]) == parent
        }
    }
}
