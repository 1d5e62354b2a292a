import Foundation

/// An IP address, and whether it is one of the world's. Sources: RFC 6890, RFC 4291, and what clouds answer on.
package enum HostAddress: Hashable, Sendable {
    case four([UInt8])
    case six([UInt8])

    /// Loopback, private, link-local (with the clouds' metadata), shared by carriers, multicast or unspecified. Not
    /// 198.18/15: proxies on people's own machines answer for every name there.
    package var isInside: Bool {
        switch self {
        case .four(let bytes): Self.isInside(bytes)
        case .six(let bytes): Self.isInside(six: bytes)
        }
    }

    private static func isInside(_ bytes: [UInt8]) -> Bool {
        guard bytes.count == 4 else { return true }
        switch (bytes[0], bytes[1]) {
        case (0, _), (10, _), (127, _), (169, 254), (192, 168): return true
        case (100, 64...127), (172, 16...31): return true
        case (192, 0): return bytes[2] == 0
        case (224..., _): return true
        default: return false
        }
    }

    private static func isInside(six bytes: [UInt8]) -> Bool {
        guard bytes.count == 16 else { return true }
        let prefix = bytes.prefix(12)
        let isMapped = prefix.elementsEqual([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff])
        let isTranslated = prefix.elementsEqual([0, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0])
        if isMapped || isTranslated { return isInside(Array(bytes.suffix(4))) }
        if bytes.starts(with: [0x20, 0x02]) { return isInside(Array(bytes[2..<6])) }
        if bytes.prefix(8).allSatisfy({ $0 == 0 }) { return true }
        switch bytes[0] {
        case 0xfc, 0xfd, 0xff: return true
        case 0xfe: return bytes[1] >= 0x80
        default: return false
        }
    }
}

extension HostAddress: CustomStringConvertible {
    package var description: String {
        switch self {
        case .four(let bytes): return bytes.map(String.init).joined(separator: ".")
        case .six(let bytes):
            let groups = stride(from: 0, to: bytes.count - 1, by: 2).map { index in
                String(UInt16(bytes[index]) << 8 | UInt16(bytes[index + 1]), radix: 16)
            }
            return groups.joined(separator: ":")
        }
    }
}

extension HostAddress {
    /// The system's resolver blocks: it has threads of its own.
    private static let threads: OperationQueue = {
        let queue = OperationQueue()
        queue.name = "spacesync.http.names"
        queue.maxConcurrentOperationCount = 4
        return queue
    }()

    /// The addresses of a host, literal or by name; none when they cannot be found (behind a proxy names need not be).
    package static func lookUp(_ host: String) async -> [HostAddress] {
        await withCheckedContinuation { answer in
            threads.addOperation { answer.resume(returning: resolve(host)) }
        }
    }

    private static func resolve(_ host: String) -> [HostAddress] {
        var first: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(host, nil, nil, &first) == 0 else { return [] }
        defer { freeaddrinfo(first) }
        return sequence(first: first) { $0?.pointee.ai_next }.compactMap { entry in
            guard let entry, let address = entry.pointee.ai_addr else { return nil }
            let bytes = UnsafeRawBufferPointer(start: address, count: Int(entry.pointee.ai_addrlen))
            // Where the address lies in sockaddr_in and sockaddr_in6.
            switch entry.pointee.ai_family {
            case AF_INET: return bytes.count >= 8 ? .four(Array(bytes[4..<8])) : nil
            case AF_INET6: return bytes.count >= 24 ? .six(Array(bytes[8..<24])) : nil
            default: return nil
            }
        }
    }
}
