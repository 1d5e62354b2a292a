import Essentials

/// Object directories and their alternates, listed in `objects/info/alternates`.
enum Alternates {
    /// Returns the directory and its alternates, recursively. The default depth is Git's limit.
    static func withAlternates(of directory: String, depth: Int = 5) -> [String] {
        guard depth > 0,
            let text = try? String(contentsOfFile: directory + "/info/alternates", encoding: .utf8)
        else { return [directory] }
        let lines = text.split(separator: "\n").filter { !$0.hasPrefix("#") }
        let alternates = lines.map { $0.hasPrefix("/") ? String($0) : "\(directory)/\($0)" }
        return [directory] + alternates.flatMap { withAlternates(of: $0, depth: depth - 1) }
    }
}
