import Foundation

/// What runs on this machine, by Linux's `/proc`.
package enum ProcessTable {
    /// Command lines and working directories that hold this text, each with its process's id; never the caller's own.
    package static func commands(naming text: String) -> [String] {
        let own = "\(ProcessInfo.processInfo.processIdentifier)"
        let ids = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return ids.filter { Int($0) != nil && $0 != own }.compactMap { id in
            let folder = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(id)/cwd")) ?? ""
            let told = commandLine(of: Int32(id) ?? 0) + " in " + folder
            return told.contains(text) ? "\(id) \(told)" : nil
        }
    }
}

extension ProcessTable {
    /// The command line of a process, its words separated by blanks.
    package static func commandLine(of id: Int32) -> String {
        let words = FileManager.default.contents(atPath: "/proc/\(id)/cmdline") ?? Data()
        return String(decoding: words.map { $0 == 0 ? 32 : $0 }, as: UTF8.self)
    }

    /// The ids of a process's children.
    package static func children(of parent: Int32) -> [Int32] {
        let ids =
            (try? FileManager.default.contentsOfDirectory(atPath: "/proc"))?.compactMap { Int32($0) } ?? []
        return ids.filter { id in
            let text = String(
                decoding: FileManager.default.contents(atPath: "/proc/\(id)/stat") ?? Data(), as: UTF8.self)
            // The name, in parentheses, may contain anything: `pid (name) state ppid …`.
            let fields = text.split(separator: ")").last?.split(separator: " ") ?? []
            return fields.count > 1 && Int32(fields[1]) == parent
        }
    }
}
