/// Detects include sections, which would make Git's configuration reader open another file.
enum ConfigIncludes {
    /// Returns the number of the first line with an `[include]` or `[includeIf …]` section, in any
    /// case, also after a byte order mark, after blanks or behind another header on the same line;
    /// `nil` if there is none.
    static func firstIncludeLine(in text: [UInt8]) -> Int? {
        let lines = text.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        return lines.firstIndex(where: opensInclude).map { $0 + 1 }
    }

    /// Returns whether a line opens an include section. Stricter than Git: any `[` followed by such
    /// a name counts, even inside a value or a trailing comment.
    private static func opensInclude(_ line: ArraySlice<UInt8>) -> Bool {
        guard let first = line.first(where: { !isBlank($0) && !byteOrderMark.contains($0) }) else {
            return false
        }
        guard first != UInt8(ascii: "#"), first != UInt8(ascii: ";") else { return false }
        return line.indices.filter { line[$0] == UInt8(ascii: "[") }.contains { start in
            let name = line[(start + 1)...].drop(while: isBlank).prefix("include".utf8.count)
            return name.map { $0 | 0x20 } == Array("include".utf8)
        }
    }

    private static let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]
    private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }
}
