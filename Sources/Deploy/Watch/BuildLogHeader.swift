import TextTools

/// A header line of the build log: `===== Build Queued at 2026-09-29 10:00:00 / Commit SHA: 1a2b3c4
/// =====`
enum BuildLogHeader {
    /// Returns the short commit id in a header line, in lower case; `nil` if the line is not a
    /// header.
    static func commit(in line: String) -> String? {
        guard line.hasPrefix("====="), line.contains("Build Queued") else { return nil }
        let fields = line.split(separator: " ")
        guard let label = fields.firstIndex(of: "SHA:"), let id = fields[label...].dropFirst().first else {
            return nil
        }
        let isID = id.count >= 7 && id.utf8.allSatisfy { $0.hexDigit != nil }
        return isID ? id.lowercased() : nil
    }
}
