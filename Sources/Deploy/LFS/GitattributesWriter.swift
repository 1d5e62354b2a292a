import SpacesModel
import TextTools

/// Lines of a `.gitattributes` that send files by LFS, as `git lfs track` writes them.
enum GitattributesWriter {
    /// One pattern for all files with an ending where that may stand, else one for each file.
    /// - Parameters:
    ///   - paths: below the directory of the file that gets the lines.
    ///   - endings: those of which every file goes by LFS.
    static func patterns(for paths: [Path], sharing extensions: Set<Path>) -> [String] {
        var (shared, single): (Set<Path>, [Path]) = ([], [])
        for path in paths {
            if let ending = path.fileExtension, extensions.contains(ending) {
                shared.insert(ending)
            } else {
                single.append(path)
            }
        }
        return shared.sorted().map { "*.\($0)" } + single.sorted().map(exactPattern)
    }

    /// A file with these lines behind what it holds.
    static func appended(_ patterns: [String], to bytes: [UInt8]) -> [UInt8] {
        let start = bytes.isEmpty || bytes.last == .newline ? bytes : bytes + [.newline]
        return start + patterns.flatMap { "\($0) filter=lfs diff=lfs merge=lfs -text\n".utf8 }
    }

    /// This one path: what means something in a pattern is escaped, and a blank, which would end it, is a class.
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
    /// Behind the last dot of the name: letters and digits; nil for a name without one.
    var fileExtension: Path? {
        let name = name.bytes
        guard let dot = name.lastIndex(of: UInt8(ascii: ".")), dot > 0, dot < name.count - 1 else {
            return nil
        }
        let ending = name[(dot + 1)...]
        return ending.allSatisfy { $0.isLetter || $0.isDigit } ? Path(bytes: Array(ending)) : nil
    }
}
