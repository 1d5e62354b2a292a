import TextTools

/// A container image reference, by the grammar of
/// https://pkg.go.dev/github.com/distribution/reference: `[registry/]repository[:tag][@digest]`.
package struct ImageReference: Hashable, Sendable {
    /// In lower case, including the port if one is written: `docker.io`, `ghcr.io`,
    /// `localhost:5000`.
    package let registry: String
    /// `library/python`, `owner/app`.
    package let repository: String
    /// `nil` only if the reference has a digest instead.
    package let tag: String?
    /// `sha256:` and 64 hexadecimal digits.
    package let digest: String?

    /// The reason why a name is invalid, and a correction.
    package struct ParseError: Error, Hashable, Sendable {
        package var reason: String
        package var fix: String?
    }

    package init(_ text: String) throws(ParseError) {
        try Self.validateName(text)
        let (nameAndTag, digest) = try Self.splitDigest(text)
        let (name, tag) = try Self.splitTag(nameAndTag)
        let (registry, repository) = try Self.splitRegistry(name)
        guard !(registry == Self.dockerHub && repository == "library/scratch") else {
            throw ParseError(reason: "scratch is empty and contains nothing to run", fix: nil)
        }
        (self.registry, self.repository, self.digest) = (registry, repository, digest)
        self.tag = tag ?? (digest == nil ? "latest" : nil)
    }

    private init(_ registry: String, _ repository: String, tag: String?, digest: String?) {
        (self.registry, self.repository, self.tag, self.digest) = (registry, repository, tag, digest)
    }

    static let dockerHub = "docker.io"
    /// In bytes; sufficient for host, repository (255), tag (128) and digest (71).
    static let maxLength = 1_024

    /// Returns the same image with a fixed digest.
    package func pinned(to digest: String) -> ImageReference {
        ImageReference(registry, repository, tag: tag, digest: digest)
    }

    /// The reference without its digest.
    package var unpinned: ImageReference {
        ImageReference(registry, repository, tag: tag ?? "latest", digest: nil)
    }

    /// Registry and repository in their short form, without `docker.io/library/`.
    package var familiarName: String {
        guard registry == Self.dockerHub else { return "\(registry)/\(repository)" }
        let official = "library/"
        let isOfficial = repository.hasPrefix(official) && !repository.dropFirst(official.count).contains("/")
        return isOfficial ? String(repository.dropFirst(official.count)) : repository
    }

    /// The form for a `FROM`: the familiar name with tag and digest.
    package var familiar: String { familiarName + suffix }

    private var suffix: String { (tag.map { ":\($0)" } ?? "") + (digest.map { "@\($0)" } ?? "") }
}

extension ImageReference: CustomStringConvertible {
    /// The canonical form, with all defaults written out.
    package var description: String { "\(registry)/\(repository)\(suffix)" }
}

extension ImageReference {
    private static func validateName(_ text: String) throws(ParseError) {
        guard !text.isEmpty else {
            throw ParseError(reason: "the image name is empty", fix: "use registry/owner/name:tag")
        }
        guard text.utf8.count <= maxLength else {
            throw ParseError(reason: "the image name is longer than \(maxLength) characters", fix: nil)
        }
        if let scheme = text.firstRange(of: "://") {
            throw ParseError(
                reason: "it is a URL, not an image name", fix: "use \(text[scheme.upperBound...])")
        }
        let isPrintable = text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7f }
        guard isPrintable else {
            throw ParseError(
                reason: "an image name cannot contain spaces or characters that are not ASCII", fix: nil)
        }
    }

    private static func splitDigest(_ text: String) throws(ParseError) -> (String, String?) {
        let parts = text.split(separator: "@", maxSplits: 1, omittingEmptySubsequences: false).map(
            String.init)
        guard parts.count == 2 else { return (text, nil) }
        guard isDigest(parts[1]) else {
            throw ParseError(
                reason: "the text after @ is not a digest: \(parts[1].prefix(80))",
                fix: "use @sha256: followed by 64 hexadecimal digits (0-9, a-f)")
        }
        return (parts[0], parts[1])
    }

    /// Whether the text is `sha256:` and 64 hexadecimal digits in lower case; registries use no
    /// other algorithm.
    package static func isDigest(_ text: String) -> Bool {
        let digits = text.utf8.dropFirst(7)
        return text.hasPrefix("sha256:") && digits.count == 64
            && digits.allSatisfy { $0.isDigit || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains($0) }
    }

    /// Splits off the tag after a colon after the last slash; a colon before it belongs to a port.
    private static func splitTag(_ text: String) throws(ParseError) -> (String, String?) {
        guard let colon = text.lastIndex(of: ":"), !text[colon...].contains("/") else { return (text, nil) }
        let tag = String(text[text.index(after: colon)...])
        let isValid =
            (1...128).contains(tag.utf8.count) && tag.utf8.allSatisfy(\.isTagByte)
            && tag.utf8.first.map { $0 != .dash && $0 != .dot } == true
        guard isValid else {
            throw ParseError(
                reason: "\u{201C}\(tag.prefix(140))\u{201D} is not a valid tag",
                fix: "use 1 to 128 letters, digits, _ . - and do not start with . or -")
        }
        return (String(text[..<colon]), tag)
    }

    /// Splits a name into registry and repository. The part before the first slash is a registry if
    /// it has a dot or a port, or is `localhost`; otherwise the registry is Docker Hub.
    static func splitRegistry(_ name: String) throws(ParseError) -> (registry: String, repository: String) {
        let parts = name.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false).map(
            String.init)
        guard parts.count == 2, isHostLike(parts[0]) else {
            let repository = try validatedRepository(name)
            return (dockerHub, repository.contains("/") ? repository : "library/\(repository)")
        }
        let host = parts[0].lowercased()
        guard isHost(host) else {
            throw ParseError(
                reason: "\u{201C}\(parts[0])\u{201D} is not a valid registry host",
                fix: "use host or host:port")
        }
        let registry = ["index.docker.io", "registry-1.docker.io"].contains(host) ? dockerHub : host
        let repository = try validatedRepository(parts[1])
        let isOfficial = registry == dockerHub && !repository.contains("/")
        return (registry, isOfficial ? "library/\(repository)" : repository)
    }

    private static func isHostLike(_ text: String) -> Bool {
        text.contains(".") || text.contains(":") || text.lowercased() == "localhost"
    }

    private static func validatedRepository(_ repository: String) throws(ParseError) -> String {
        guard repository == repository.lowercased() else {
            throw ParseError(
                reason: "the image name \u{201C}\(repository)\u{201D} contains capital letters",
                fix: "use \(repository.lowercased())")
        }
        let parts = repository.split(separator: "/", omittingEmptySubsequences: false)
        guard let invalidPart = parts.first(where: { !isComponent($0) }) else {
            guard repository.utf8.count <= 255 else {
                throw ParseError(reason: "the image name is longer than 255 characters", fix: nil)
            }
            return try rejectingImageID(repository)
        }
        throw ParseError(
            reason: invalidPart.isEmpty
                ? "the image name has an empty part"
                : "\u{201C}\(invalidPart)\u{201D} is not a valid part of an image name",
            fix: "use a-z and 0-9 in each part, separated by single . or _, by __ or by dashes")
    }

    /// Refuses 64 hexadecimal digits: they are the id of a local image.
    private static func rejectingImageID(_ repository: String) throws(ParseError) -> String {
        guard !isDigest("sha256:" + repository) else {
            throw ParseError(
                reason: "this is a local image id, which the Hub cannot fetch",
                fix: "push the image to a registry and use its name there")
        }
        return repository
    }

    /// Whether the part matches `[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*`.
    private static func isComponent(_ part: Substring) -> Bool {
        var separator: [UInt8] = [.slash]
        for byte in part.utf8 {
            if byte.isLower || byte.isDigit {
                let text = separator.text
                guard ["", "/", ".", "_", "__"].contains(text) || separator.allSatisfy({ $0 == .dash }) else {
                    return false
                }
                separator = []
            } else if byte == .dot || byte == .underscore || byte == .dash {
                separator.append(byte)
            } else {
                return false
            }
        }
        return separator.isEmpty
    }

    /// Whether the text is a domain name, an IPv4 address or an IPv6 address in brackets, with or
    /// without a port.
    private static func isHost(_ text: String) -> Bool {
        var host = text[...]
        if let colon = text.lastIndex(of: ":"), !text[colon...].contains("]") {
            let port = text[text.index(after: colon)...]
            guard (1...5).contains(port.utf8.count), port.utf8.allSatisfy(\.isDigit),
                Int(port).map({ (1...65_535).contains($0) }) == true
            else { return false }
            host = text[..<colon]
        }
        if host.hasPrefix("["), host.hasSuffix("]") {
            let address = host.dropFirst().dropLast().utf8
            return address.contains(.colon)
                && address.allSatisfy { $0.hexDigit != nil || $0 == .colon || $0 == .dot }
        }
        return host.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { label in
            let bytes = label.utf8
            return !bytes.isEmpty && bytes.allSatisfy { $0.isLower || $0.isDigit || $0 == .dash }
                && bytes.first != .dash && bytes.last != .dash
        }
    }
}

extension UInt8 {
    package static let dot = UInt8(ascii: ".")
    fileprivate var isTagByte: Bool {
        isLetter || isDigit || self == .underscore || self == .dot || self == .dash
    }
}
