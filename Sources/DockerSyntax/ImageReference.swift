import TextTools

/// The name of a container image, by the grammar of https://pkg.go.dev/github.com/distribution/reference:
/// `[registry/]repository[:tag][@digest]`.
package struct ImageReference: Hashable, Sendable {
    /// In lower case, with its port when one is written: `docker.io`, `ghcr.io`, `localhost:5000`.
    package let registry: String
    /// `library/python`, `owner/app`.
    package let repository: String
    /// Nil only where a digest stands for it.
    package let tag: String?
    /// `sha256:` and 64 hexadecimal digits.
    package let digest: String?

    /// What is wrong with a name, and what to write instead.
    package struct ParseError: Error, Hashable, Sendable {
        package var reason: String
        package var fix: String?
    }

    package init(_ text: String) throws(ParseError) {
        try Self.validateName(text)
        let (named, digest) = try Self.splitDigest(text)
        let (name, tag) = try Self.splitTag(named)
        let (registry, repository) = try Self.splitRegistry(name)
        guard !(registry == Self.dockerHub && repository == "library/scratch") else {
            throw ParseError(reason: "scratch is empty: there is nothing in it to run", fix: nil)
        }
        (self.registry, self.repository, self.digest) = (registry, repository, digest)
        self.tag = tag ?? (digest == nil ? "latest" : nil)
    }

    private init(_ registry: String, _ repository: String, tag: String?, digest: String?) {
        (self.registry, self.repository, self.tag, self.digest) = (registry, repository, tag, digest)
    }

    static let dockerHub = "docker.io"
    /// Bytes: host, repository (255), tag (128) and digest (71) have room in it.
    static let maxLength = 1_024

    /// The same image, held to what it is now.
    package func pinned(to digest: String) -> ImageReference {
        ImageReference(registry, repository, tag: tag, digest: digest)
    }

    /// Without its digest.
    package var unpinned: ImageReference {
        ImageReference(registry, repository, tag: tag ?? "latest", digest: nil)
    }

    /// Registry and repository, as people write them: no `docker.io/library/`.
    package var familiarName: String {
        guard registry == Self.dockerHub else { return "\(registry)/\(repository)" }
        let official = "library/"
        let isOfficial = repository.hasPrefix(official) && !repository.dropFirst(official.count).contains("/")
        return isOfficial ? String(repository.dropFirst(official.count)) : repository
    }

    /// As it is written in a `FROM`: the familiar name with tag and digest.
    package var familiar: String { familiarName + suffix }

    private var suffix: String { (tag.map { ":\($0)" } ?? "") + (digest.map { "@\($0)" } ?? "") }
}

extension ImageReference: CustomStringConvertible {
    /// The canonical text, with nothing left to guess.
    package var description: String { "\(registry)/\(repository)\(suffix)" }
}

extension ImageReference {
    private static func validateName(_ text: String) throws(ParseError) {
        guard !text.isEmpty else {
            throw ParseError(reason: "it is empty", fix: "write registry/owner/name:tag")
        }
        guard text.utf8.count <= maxLength else {
            throw ParseError(reason: "it is longer than \(maxLength) characters", fix: nil)
        }
        if let scheme = text.range(of: "://") {
            throw ParseError(
                reason: "it is a URL, not the name of an image", fix: "write \(text[scheme.upper...])")
        }
        let isPrintable = text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7f }
        guard isPrintable else {
            throw ParseError(reason: "a name has no spaces, and no letters but a to z", fix: nil)
        }
    }

    private static func splitDigest(_ text: String) throws(ParseError) -> (String, String?) {
        let halves = text.split(separator: "@", maxSplits: 1, omittingEmptySubsequences: false).map(
            String.init)
        guard halves.count == 2 else { return (text, nil) }
        guard isDigest(halves[1]) else {
            throw ParseError(
                reason: "behind @ stands no digest: \(halves[1].prefix(80))",
                fix: "write @sha256: and 64 digits of 0-9, a-f")
        }
        return (halves[0], halves[1])
    }

    /// `sha256:` and 64 hexadecimal digits in lower case, the one algorithm that registries use.
    package static func isDigest(_ text: String) -> Bool {
        let digits = text.utf8.dropFirst(7)
        return text.hasPrefix("sha256:") && digits.count == 64
            && digits.allSatisfy { $0.isDigit || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains($0) }
    }

    /// A colon behind the last slash; one before it is a port's.
    private static func splitTag(_ text: String) throws(ParseError) -> (String, String?) {
        guard let colon = text.lastIndex(of: ":"), !text[colon...].contains("/") else { return (text, nil) }
        let tag = String(text[text.index(after: colon)...])
        let isFine =
            (1...128).contains(tag.utf8.count) && tag.utf8.allSatisfy(\.isTagByte)
            && tag.utf8.first.map { $0 != .dash && $0 != .dot } == true
        guard isFine else {
            throw ParseError(
                reason: "the tag \u{201C}\(tag.prefix(140))\u{201D} is none",
                fix: "a tag has 1 to 128 letters, digits, _ . - and begins with none of . -")
        }
        return (String(text[..<colon]), tag)
    }
}

extension UInt8 {
    package static let dot = UInt8(ascii: ".")
    fileprivate var isTagByte: Bool {
        isLetter || isDigit || self == .underscore || self == .dot || self == .dash
    }
}

extension String {
    /// Where a text stands first. (The standard library finds only characters.)
    fileprivate func range(of text: String) -> (lower: Index, upper: Index)? {
        var start = startIndex
        while start < endIndex {
            if self[start...].hasPrefix(text) { return (start, index(start, offsetBy: text.count)) }
            start = index(after: start)
        }
        return nil
    }
}
