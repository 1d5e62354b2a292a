import TextTools

/// `===== Build Queued at 2026-09-29 10:00:00 / Commit SHA: 1a2b3c4 =====`
enum BuildLogHeader {
    /// The short commit id that the line names, lower case.
    static func commit(in line: String) -> String? {
        guard line.hasPrefix("====="), line.contains("Build Queued") else { return nil }
        let words = line.split(separator: " ")
        guard let mark = words.firstIndex(of: "SHA:"), let word = words[mark...].dropFirst().first else {
            return nil
        }
        let isID = word.count >= 7 && word.utf8.allSatisfy { $0.hexDigit != nil }
        return isID ? word.lowercased() : nil
    }
}
