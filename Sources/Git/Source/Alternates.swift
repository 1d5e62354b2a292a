import Essentials

/// Directories of objects and those they borrow from, as `objects/info/alternates` names them.
enum Alternates {
    /// Git itself follows five levels.
    static func withAlternates(of directory: String, depth: Int = 5) -> [String] {
        guard depth > 0,
            let text = try? String(contentsOfFile: directory + "/info/alternates", encoding: .utf8)
        else { return [directory] }
        let lines = text.split(separator: "\n").filter { !$0.hasPrefix("#") }
        let borrowed = lines.map { $0.hasPrefix("/") ? String($0) : "\(directory)/\($0)" }
        return [directory] + borrowed.flatMap { withAlternates(of: $0, depth: depth - 1) }
    }
}
