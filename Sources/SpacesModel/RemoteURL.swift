import TextTools

/// The scheme, host and port of a URL (RFC 6454): the scope of a credential.
package struct URLOrigin: Hashable, Sendable, CustomStringConvertible {
    package let scheme: String
    /// In lower case, an IPv6 address without brackets.
    package let host: String
    package let port: Int

    package init(scheme: String, host: String, port: Int) {
        (self.scheme, self.host, self.port) = (scheme, host, port)
    }

    /// `https://host`, with the port if it is not the default of the scheme.
    package var description: String { "\(scheme)://\(authority)" }

    /// `host`, with the port if it is not the default of the scheme.
    package var authority: String {
        let name = host.contains(":") ? "[\(host)]" : host
        return port == RemoteURL.defaultPort(of: scheme) ? name : "\(name):\(port)"
    }

    /// Whether the host is `localhost`, `*.localhost`, in 127.0.0.0/8 or ::1, so that requests
    /// never leave this machine.
    package var isLoopback: Bool {
        if host == "localhost" || host.hasSuffix(".localhost") || host == "::1" { return true }
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
    }
}

/// The reason why a text is not a URL to which requests may be sent.
package struct InvalidURL: Error, Hashable, Sendable {
    /// A clause that follows the URL: `its host contains an invalid character`.
    package var reason: String

    package init(reason: String) { self.reason = reason }
}

/// A URL with an authority, parsed strictly (RFC 3986 3). Text that two parsers could read as
/// different hosts is an error: the parser that selects a token must agree with the one that sends it.
package struct RemoteURL: Hashable, Sendable {
    /// In lower case.
    package let scheme: String
    /// The user as written, percent-encoded.
    package private(set) var user: String?
    package private(set) var password: String?
    package let origin: URLOrigin
    /// Path, query and fragment as written; empty or beginning with `/`, `?` or `#`.
    package let tail: String

    // Scalars instead of characters: a combining mark after `/` or `@` would make one character of both.
    package init(_ text: some StringProtocol) throws(InvalidURL) {
        let scalars = Array(text.unicodeScalars)
        if let reason = Self.objection(to: scalars) { throw InvalidURL(reason: reason) }
        guard let colon = scalars.firstIndex(of: ":"),
            scalars[colon...].starts(with: Array("://".unicodeScalars))
        else { throw InvalidURL(reason: "it does not begin with a scheme and ://") }
        guard Self.isScheme(scalars[..<colon]) else { throw InvalidURL(reason: "its scheme is invalid") }
        scheme = Self.string(scalars[..<colon]).lowercased()
        let afterScheme = scalars[(colon + 3)...]
        let authority = afterScheme.prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        tail = Self.string(afterScheme[authority.endIndex...])
        // Checked before lowercasing: the Kelvin sign would become a k.
        guard authority.allSatisfy({ $0.value > 32 && $0.value < 127 }) else {
            throw InvalidURL(reason: "its host contains an invalid character")
        }
        let parts = authority.split(separator: "@", omittingEmptySubsequences: false)
        guard parts.count <= 2, let server = parts.last else {
            throw InvalidURL(reason: "its authority contains more than one @")
        }
        if parts.count == 2 {
            let halves = parts[0].split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            user = Self.string(halves[0])
            password = halves.count == 2 ? Self.string(halves[1]) : nil
        }
        if user?.hasPrefix("-") == true { throw InvalidURL(reason: "its user begins with a dash") }
        origin = try Self.origin(scheme, server)
    }

    /// The URL without user and password.
    package var withoutUser: RemoteURL {
        var url = self
        (url.user, url.password) = (nil, nil)
        return url
    }

    package var text: String {
        let password = password.map { ":\($0)" } ?? ""
        return "\(scheme)://\(user.map { "\($0)\(password)@" } ?? "")\(origin.authority)\(tail)"
    }

    /// The path as written, without query and fragment.
    package var path: String { String(tail.prefix { $0 != "?" && $0 != "#" }) }

    /// Whether the URL has neither query nor fragment.
    package var hasPathOnly: Bool { path.utf8.count == tail.utf8.count }

    /// The reason to refuse a URL from a file of the source or from a server; `nil` if it is
    /// accepted. The user of an ssh URL is part of the address.
    package var objectionFromOutside: String? {
        let isShell = ["ssh", "git+ssh", "ssh+git"].contains(scheme)
        if password != nil || user != nil && !isShell { return "it contains a user or password" }
        if tail.unicodeScalars.contains("@") { return "it contains an @ outside of its authority" }
        return hasEncodedControl ? "it contains an encoded control character" : nil
    }

    /// Whether decoding the URL gives a control character, which could end a line of a protocol.
    package var hasEncodedControl: Bool {
        let bytes = Array(text.utf8)
        return bytes.indices.contains { index in
            guard bytes[index] == UInt8(ascii: "%"), index + 2 < bytes.count else { return false }
            let digits = String(decoding: bytes[index + 1...index + 2], as: UTF8.self)
            return UInt8(digits, radix: 16).map { $0 < 32 || $0 == 127 } ?? false
        }
    }

    package static func defaultPort(of scheme: String) -> Int {
        switch scheme {
        case "https": 443
        case "ssh", "git+ssh", "ssh+git": 22
        case "git": 9418
        default: 80
        }
    }
}

extension RemoteURL {
    private static func string(_ scalars: ArraySlice<Unicode.Scalar>) -> String {
        String(String.UnicodeScalarView(scalars))
    }

    private static func objection(to scalars: [Unicode.Scalar]) -> String? {
        for scalar in scalars {
            if scalar == "\\" { return "it contains a backslash" }
            let category = scalar.properties.generalCategory
            let isHidden = [.control, .format, .lineSeparator, .paragraphSeparator].contains(category)
            if isHidden { return "it contains a control character" }
        }
        return nil
    }

    private static func isScheme(_ scalars: ArraySlice<Unicode.Scalar>) -> Bool {
        let bytes = string(scalars).utf8
        return bytes.first?.isLetter == true
            && bytes.allSatisfy { $0.isLetter || $0.isDigit || "+-.".utf8.contains($0) }
    }

    private static func origin(
        _ scheme: String, _ server: ArraySlice<Unicode.Scalar>
    ) throws(InvalidURL) -> URLOrigin {
        let text = string(server).lowercased()
        var (host, port) = (text[...], Substring?.none)
        if text.hasPrefix("[") {
            guard let end = text.firstIndex(of: "]") else { throw InvalidURL(reason: "its host has no ]") }
            host = text[text.index(after: text.startIndex)..<end]
            let tail = text[text.index(after: end)...]
            guard tail.isEmpty || tail.hasPrefix(":") else { throw InvalidURL(reason: "its port is invalid") }
            port = tail.isEmpty ? nil : tail.dropFirst()
            guard isIPv6(host) else { throw InvalidURL(reason: "its host is not a valid IPv6 address") }
        } else {
            if let colon = text.firstIndex(of: ":") {
                (host, port) = (text[..<colon], text[text.index(after: colon)...])
            }
            if let reason = objection(toHost: host) { throw InvalidURL(reason: reason) }
        }
        guard let port else {
            return URLOrigin(scheme: scheme, host: String(host), port: defaultPort(of: scheme))
        }
        let isDecimal = !port.isEmpty && port.utf8.allSatisfy(\.isDigit) && !port.hasPrefix("0")
        guard isDecimal, let number = UInt16(port) else { throw InvalidURL(reason: "its port is invalid") }
        return URLOrigin(scheme: scheme, host: String(host), port: Int(number))
    }

    private static func objection(toHost host: Substring) -> String? {
        if host.isEmpty { return "it has no host" }
        guard host.utf8.allSatisfy({ $0.isLetter || $0.isDigit || "-._".utf8.contains($0) }) else {
            return "its host contains an invalid character"
        }
        let labels = host.split(separator: ".", omittingEmptySubsequences: false)
        let isName = host.utf8.count < 254 && labels.allSatisfy { !$0.isEmpty && !$0.hasPrefix("-") }
        guard isName else { return "its host is not a valid name" }
        // `127.1`, `0x7f.1` and `2130706433` are addresses to some parsers and names to others.
        guard let last = labels.last, last.utf8.first?.isDigit == true else { return nil }
        let isAddress =
            labels.count == 4
            && labels.allSatisfy { label in
                label.utf8.allSatisfy(\.isDigit) && UInt8(label) != nil
                    && (label == "0" || !label.hasPrefix("0"))
            }
        let isNumber = last.utf8.allSatisfy(\.isDigit) || last.hasPrefix("0x")
        return isAddress || !isNumber ? nil : "its host is not a valid address"
    }

    private static func isIPv6(_ text: Substring) -> Bool {
        let isPlain = text.utf8.allSatisfy {
            $0.isDigit || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains($0) || ":.".utf8.contains($0)
        }
        return isPlain && text.utf8.count < 46 && text.utf8.count(where: { $0 == UInt8(ascii: ":") }) >= 2
    }
}
