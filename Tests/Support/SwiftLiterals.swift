/// The string literals of a Swift source file, for tests of the texts that users see.
package struct SwiftLiterals {
    package struct Literal {
        /// The line of the opening quote, from 1.
        package let line: Int
        /// The content. Escapes stay as written; an interpolation is the word `X`.
        package let text: String
    }

    private let bytes: [UInt8]
    private var index = 0
    private var line = 1
    private var found: [Literal] = []

    /// Returns the literals in the order of their ends, those inside interpolations too.
    package static func find(in source: String) -> [Literal] {
        var scanner = SwiftLiterals(bytes: Array(source.utf8))
        scanner.skipCode(isInterpolation: false)
        return scanner.found
    }

    private init(bytes: [UInt8]) {
        self.bytes = bytes
    }

    private func starts(with text: String, at offset: Int = 0) -> Bool {
        bytes.dropFirst(index + offset).starts(with: text.utf8)
    }

    private mutating func advance(_ count: Int = 1) {
        for _ in 0..<count where index < bytes.count {
            if bytes[index] == UInt8(ascii: "\n") { line += 1 }
            index += 1
        }
    }

    /// Scans code up to the end of the file or of the interpolation.
    private mutating func skipCode(isInterpolation: Bool) {
        var depth = 1
        while index < bytes.count {
            if starts(with: "//") {
                while index < bytes.count, !starts(with: "\n") { advance() }
            } else if starts(with: "/*") {
                skipBlockComment()
            } else if let hashes = hashesOfLiteral() {
                readLiteral(hashes: hashes)
            } else {
                if starts(with: "(") { depth += 1 }
                if starts(with: ")") { depth -= 1 }
                advance()
                if isInterpolation, depth == 0 { return }
            }
        }
    }

    private mutating func skipBlockComment() {
        var depth = 0
        repeat {
            if starts(with: "/*") {
                depth += 1
                advance(2)
            } else if starts(with: "*/") {
                depth -= 1
                advance(2)
            } else {
                advance()
            }
        } while depth > 0 && index < bytes.count
    }

    /// Returns the number of `#` before the quote of a literal that begins here; `nil` if none does.
    private func hashesOfLiteral() -> Int? {
        let hashes = bytes[index...].prefix { $0 == UInt8(ascii: "#") }.count
        return starts(with: "\"", at: hashes) ? hashes : nil
    }

    private mutating func readLiteral(hashes: Int) {
        let start = line
        let marks = String(repeating: "#", count: hashes)
        advance(hashes)
        let quote = starts(with: "\"\"\"") ? "\"\"\"" : "\""
        advance(quote.utf8.count)
        var content: [UInt8] = []
        while index < bytes.count, !starts(with: quote + marks) {
            if starts(with: "\\" + marks + "(") {
                advance(2 + hashes)
                skipCode(isInterpolation: true)
                content.append(UInt8(ascii: "X"))
            } else {
                let length = starts(with: "\\" + marks) ? 2 + hashes : 1
                content += bytes[index...].prefix(length)
                advance(length)
            }
        }
        advance(quote.utf8.count + hashes)
        found.append(Literal(line: start, text: String(decoding: content, as: UTF8.self)))
    }
}
