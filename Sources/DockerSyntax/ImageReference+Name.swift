import TextTools

extension ImageReference {
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
                reason: "\u{201C}\(parts[0])\u{201D} is no host of a registry",
                fix: "write host or host:port")
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
                reason: "registries know no capital letters in \u{201C}\(repository)\u{201D}",
                fix: "write \(repository.lowercased())")
        }
        let parts = repository.split(separator: "/", omittingEmptySubsequences: false)
        guard let invalidPart = parts.first(where: { !isComponent($0) }) else {
            guard repository.utf8.count <= 255 else {
                throw ParseError(reason: "the name is longer than 255 characters", fix: nil)
            }
            return try rejectingImageID(repository)
        }
        throw ParseError(
            reason: invalidPart.isEmpty
                ? "the name has an empty part" : "\u{201C}\(invalidPart)\u{201D} is no part of a name",
            fix: "each part has a-z and 0-9, with single . or _, __ or dashes between them")
    }

    /// Refuses 64 hexadecimal digits: they are the id of a local image.
    private static func rejectingImageID(_ repository: String) throws(ParseError) -> String {
        guard !isDigest("sha256:" + repository) else {
            throw ParseError(
                reason: "this is the id of an image on one machine, which the Hub cannot fetch",
                fix: "push the image to a registry and write its name")
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
