import DockerSyntax
import SpacesModel
import TextTools

/// The `ARG BASE_IMAGE` at the top of a Dockerfile, whose default is the base image.
package enum BaseImageArgument {
    package static let name = "BASE_IMAGE"

    /// Returns the Dockerfile with the image as the default of its `ARG BASE_IMAGE`; all other
    /// bytes are unchanged.
    /// - Throws: `DeployError` of kind `.settings` if the Dockerfile has no such argument, with the
    ///   lines that add it, and of kind `.refused` if it exceeds a limit.
    package static func setDefault(_ image: ImageReference, into dockerfile: [UInt8]) throws(DeployError)
        -> [UInt8]
    {
        let parsed = Dockerfile.read(dockerfile)
        if let limit = parsed.exceededLimit {
            throw DeployError(
                .refused, "image = \(image.named): the Dockerfile exceeds a limit: \(limit.reason)",
                hint: limit.fix)
        }
        let declarations = parsed.instructions.prefix { $0.keyword != "FROM" }.filter { instruction in
            instruction.keyword == "ARG" && instruction.variables.contains { $0.name == name }
        }
        guard !declarations.isEmpty else { throw missing(image, parsed) }
        var bytes = dockerfile
        // In reverse, so that the remaining ranges stay valid.
        for range in wordRanges(of: declarations, in: dockerfile, escape: parsed.escape).reversed() {
            bytes.replaceSubrange(range, with: "\(name)=\(image.familiar)".utf8)
        }
        let isUsed = Dockerfile.read(bytes).stages.contains { $0.base.text == image.familiar }
        guard isUsed else { throw unused(image, declarations.first?.line ?? 1) }
        return bytes
    }

    private static func missing(_ image: ImageReference, _ parsed: Dockerfile) -> DeployError {
        let from = parsed.instructions.first { $0.keyword == "FROM" }
        let location = from.map { "line \($0.line)" } ?? "its first FROM"
        return DeployError(
            .settings, "image = \(image.named): the Dockerfile has no ARG \(name) before \(location)",
            details: ["ARG \(name)=\(image.named)", "FROM ${\(name)}"],
            hint: "replace \(location) with these two lines, or remove either the Dockerfile or image")
    }

    private static func unused(_ image: ImageReference, _ line: Int) -> DeployError {
        DeployError(
            .settings,
            "image = \(image.named): no FROM uses the ARG \(name) in line \(line) of the Dockerfile",
            details: ["FROM ${\(name)}"], hint: "change the FROM to this line")
    }

    /// Returns the byte ranges of `BASE_IMAGE` or `BASE_IMAGE=…` in these instructions.
    private static func wordRanges(
        of declarations: [DockerInstruction], in bytes: [UInt8], escape: UInt8
    ) -> [Range<Int>] {
        var starts = [0]
        for (index, byte) in bytes.enumerated() where byte == .newline { starts.append(index + 1) }
        return declarations.flatMap { instruction in
            let start = starts[min(instruction.line - 1, starts.count - 1)]
            var scanner = ArgumentScanner(bytes: bytes, position: start, escape: escape)
            return scanner.wordRanges(
                upTo: instruction.lastLine < starts.count ? starts[instruction.lastLine] : bytes.count
            )
            .filter { isNamed(bytes[$0]) }
        }
    }

    private static func isNamed(_ wordRange: ArraySlice<UInt8>) -> Bool {
        wordRange.elementsEqual(name.utf8) || wordRange.starts(with: "\(name)=".utf8)
    }
}

extension ImageReference {
    /// The short name without a digest that was added to the tag.
    fileprivate var named: String { tag == nil ? familiar : unpinned.familiar }
}

/// Finds the words of one ARG instruction in its bytes, across continuation lines and the comments
/// between them.
private struct ArgumentScanner {
    let bytes: [UInt8]
    var position: Int
    let escape: UInt8
    private var isLineStart = false

    init(bytes: [UInt8], position: Int, escape: UInt8) {
        (self.bytes, self.position, self.escape) = (bytes, position, escape)
    }

    mutating func wordRanges(upTo end: Int) -> [Range<Int>] {
        var ranges: [Range<Int>] = []
        while position < end {
            if isLineStart, bytes[position] == .hash {
                position = bytes[position..<end].firstIndex(of: .newline) ?? end
            } else if bytes[position].isSpace {
                isLineStart = isLineStart || bytes[position] == .newline
                position += 1
            } else if let next = continuation(end) {
                (position, isLineStart) = (next, true)
            } else {
                isLineStart = false
                ranges.append(wordRange(end))
            }
        }
        return ranges
    }

    /// Returns the start of the next line if an escape character ends this one.
    private func continuation(_ end: Int) -> Int? {
        guard bytes[position] == escape else { return nil }
        let nextByte = bytes[(position + 1)..<end].firstIndex {
            $0 != .space && $0 != .tab && $0 != .carriageReturn
        }
        guard let nextByte else { return end }
        return bytes[nextByte] == .newline ? nextByte + 1 : nil
    }

    private mutating func wordRange(_ end: Int) -> Range<Int> {
        let start = position
        var quote: UInt8?
        while position < end, quote != nil || !bytes[position].isSpace {
            if bytes[position] == escape, quote != .quote {
                if continuation(end) != nil { break }
                position += 1
            } else if bytes[position] == quote {
                quote = nil
            } else if quote == nil, bytes[position] == .quote || bytes[position] == .doubleQuote {
                quote = bytes[position]
            }
            position += 1
        }
        position = min(position, end)
        return start..<position
    }
}

extension Dockerfile {
    /// The escape character of the `# escape=` directive.
    fileprivate var escape: UInt8 { directives["escape"]?.utf8.first ?? .backslash }
}
