import TextTools

/// Splits the text of an instruction as BuildKit does (moby/buildkit `parser/split_command.go`,
/// `line_parsers.go`).
struct DockerWords {
    let escape: UInt8

    /// Returns the leading flags, with quotes and escapes removed, and the text after them.
    func flags(_ line: ArraySlice<UInt8>) -> (flags: [String], rest: ArraySlice<UInt8>) {
        var (flags, remaining): ([String], ArraySlice<UInt8>) = ([], line.trimmingStart)
        while remaining.starts(with: [.dash, .dash]) {
            let word = plainWord(&remaining)
            remaining = remaining.trimmingStart
            if word.elementsEqual([.dash, .dash]) { break }
            flags.append(word.text)
        }
        return (flags, remaining.trimmingSpaces)
    }

    /// Reads up to the next blank outside quotes.
    private func plainWord(_ remaining: inout ArraySlice<UInt8>) -> [UInt8] {
        var (word, quote): ([UInt8], UInt8?) = ([], nil)
        while let byte = remaining.first {
            if quote == nil, byte.isSpace { break }
            remaining.removeFirst()
            if byte == quote {
                quote = nil
            } else if quote == nil, byte == .quote || byte == .doubleQuote {
                quote = byte
            } else if byte == escape {
                if let escaped = remaining.popFirst() { word.append(escaped) }
            } else {
                word.append(byte)
            }
        }
        return word
    }

    /// Returns the words with quotes and escapes as written, as ENV, LABEL and ARG are split.
    func quotedWords(_ line: ArraySlice<UInt8>) -> [[UInt8]] {
        var words: [[UInt8]] = []
        var remaining = line.trimmingStart
        while !remaining.isEmpty {
            words.append(quotedWord(&remaining))
            remaining = remaining.trimmingStart
        }
        return words.filter { !$0.isEmpty }
    }

    private func quotedWord(_ remaining: inout ArraySlice<UInt8>) -> [UInt8] {
        var (word, quote): ([UInt8], UInt8?) = ([], nil)
        while let byte = remaining.first {
            if quote == nil, byte.isSpace { break }
            remaining.removeFirst()
            if byte == escape, quote != .quote {
                guard let escaped = remaining.popFirst() else { break }
                word += [byte, escaped]
                continue
            }
            if byte == quote {
                quote = nil
            } else if quote == nil, byte == .quote || byte == .doubleQuote {
                quote = byte
            }
            word.append(byte)
        }
        return word
    }
}
