import SpacesModel
import TextTools

/// Writes the lines of a `.gitattributes` that track files by LFS, as `git lfs track` does.
enum GitattributesWriter {
    /// Returns one pattern for all files with one of the given extensions, and one pattern for each
    /// other file.
    /// - Parameters:
    /// - paths: relative to the directory of the `.gitattributes`.
    /// - extensions: those whose files are all sent by LFS.
    static func patterns(for paths: [Path], sharing extensions: Set<Path>) -> [String] {
        var (shared, single): (Set<Path>, [Path]) = ([], [])
        for path in paths {
            if let pathExtension = path.fileExtension, extensions.contains(pathExtension) {
                shared.insert(pathExtension)
            } else {
                single.append(path)
            }
        }
        return shared.sorted().map { "*.\($0)" } + single.sorted().map(exactPattern)
    }

    /// Returns the file with lines for these patterns appended.
    static func appended(_ patterns: [String], to bytes: [UInt8]) -> [UInt8] {
        let start = bytes.isEmpty || bytes.last == .newline ? bytes : bytes + [.newline]
        return start + patterns.flatMap { "\($0) filter=lfs diff=lfs merge=lfs -text\n".utf8 }
    }

    /// Returns a pattern that matches only this path. Special characters are escaped; a blank,
    /// which would end the pattern, becomes a character class.
    private static func exactPattern(_ path: Path) -> String {
        let escaped = path.bytes.flatMap { byte -> [UInt8] in
            switch byte {
            case .space, .tab: Array("[[:space:]]".utf8)
            case .star, .backslash, UInt8(ascii: "?"), UInt8(ascii: "["): [.backslash, byte]
            case 0..<32, 127: [UInt8(ascii: "?")]
            default: [byte]
            }
        }
        return "/" + escaped.text
    }
}

extension Path {
    /// The letters and digits after the last dot of the name; `nil` if there are none.
    var fileExtension: Path? {
        let name = name.bytes
        guard let dot = name.lastIndex(of: UInt8(ascii: ".")), dot > 0, dot < name.count - 1 else {
            return nil
        }
        let letters = name[(dot + 1)...]
        return letters.allSatisfy { $0.isLetter || $0.isDigit } ? Path(bytes: Array(letters)) : nil
    }
}
