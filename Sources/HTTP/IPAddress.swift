import Essentials
import Synchronization

/// An IP address, and whether it is one of the world's. Sources: RFC 6890, RFC 4291, and what clouds answer on.
package enum IPAddress: Hashable, Sendable {
    case v4([UInt8])
    case v6([UInt8])

    /// Loopback, private, link-local (with the clouds' metadata), shared by carriers, multicast or unspecified. Not
    /// 198.18/15: proxies on people's own machines answer for every name there.
    package var isPrivate: Bool {
        switch self {
        case .v4(let bytes): Self.isPrivate(bytes)
        case .v6(let bytes): Self.isPrivate(six: bytes)
        }
    }

    private static func isPrivate(_ bytes: [UInt8]) -> Bool {
        guard bytes.count == 4 else { return true }
        switch (bytes[0], bytes[1]) {
        case (0, _), (10, _), (127, _), (169, 254), (192, 168): return true
        case (100, 64...127), (172, 16...31): return true
        case (192, 0): return bytes[2] == 0
        case (224..., _): return true
        default: return false
        }
    }

    private static func isPrivate(six bytes: [UInt8]) -> Bool {
        guard bytes.count == 16 else { return true }
        let prefix = bytes.prefix(12)
        let isMapped = prefix.elementsEqual([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff])
        let isTranslated = prefix.elementsEqual([0, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0])
        if isMapped || isTranslated { return isPrivate(Array(bytes.suffix(4))) }
        // A network's own translation prefix (RFC 8215), and tunnels whose other end cannot be known (RFC 4380).
        if bytes.starts(with: [0, 0x64, 0xff, 0x9b, 0, 1]) || bytes.starts(with: [0x20, 0x01, 0, 0]) {
            return true
        }
        if bytes.starts(with: [0x20, 0x02]) { return isPrivate(Array(bytes[2..<6])) }
        if bytes.prefix(8).allSatisfy({ $0 == 0 }) { return true }
        switch bytes[0] {
        case 0xfc, 0xfd, 0xff: return true
        case 0xfe: return bytes[1] >= 0x80
        default: return false
        }
    }
}

extension IPAddress: CustomStringConvertible {
    package var description: String {
        switch self {
        case .v4(let bytes): return bytes.map(String.init).joined(separator: ".")
        case .v6(let bytes):
            let groups = stride(from: 0, to: bytes.count - 1, by: 2).map { index in
                String(UInt16(bytes[index]) << 8 | UInt16(bytes[index + 1]), radix: 16)
            }
            return groups.joined(separator: ":")
        }
    }
}

extension IPAddress {
    /// The system's resolver blocks: it has threads of its own.
    private static let threads = ThreadPool(limit: 4)

    /// The addresses of a host, literal or by name; none when they cannot be found (behind a proxy names need not be).
    /// A cancelled look-up finds none at once; the resolver itself cannot be stopped.
    package static func lookUp(_ host: String) async -> [IPAddress] {
        let lookUp = LookUp()
        return await withTaskCancellationHandler {
            await withCheckedContinuation { waiter in
                guard lookUp.begin(waiter) else { return waiter.resume(returning: []) }
                threads.add { lookUp.end(resolve(host)) }
            }
        } onCancel: {
            lookUp.end([])
        }
    }

    /// One look-up, which ends once.
    private final class LookUp: Sendable {
        private let state = Mutex<(waiter: CheckedContinuation<[IPAddress], Never>?, isOver: Bool)>(
            (nil, false))

        /// - Returns: false if it is over already.
        func begin(_ waiter: CheckedContinuation<[IPAddress], Never>) -> Bool {
            state.withLock { state in
                if !state.isOver { state.waiter = waiter }
                return !state.isOver
            }
        }

        func end(_ addresses: [IPAddress]) {
            let waiter = state.withLock { state in
                state.isOver = true
                return state.waiter.take()
            }
            waiter?.resume(returning: addresses)
        }
    }

    private static func resolve(_ host: String) -> [IPAddress] {
        var first: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(host, nil, nil, &first) == 0 else { return [] }
        defer { freeaddrinfo(first) }
        return sequence(first: first) { $0?.pointee.ai_next }.compactMap { entry in
            guard let entry, let address = entry.pointee.ai_addr else { return nil }
            let bytes = UnsafeRawBufferPointer(start: address, count: Int(entry.pointee.ai_addrlen))
            return IPAddress(socketAddress: bytes, family: entry.pointee.ai_family)
        }
    }

    /// The address in a `sockaddr_in` or `sockaddr_in6`; `nil` for another family.
    init?(socketAddress bytes: UnsafeRawBufferPointer, family: Int32) {
        switch family {
        case AF_INET where bytes.count >= 8: self = .v4(Array(bytes[4..<8]))
        case AF_INET6 where bytes.count >= 24: self = .v6(Array(bytes[8..<24]))
        default: return nil
        }
    }

    /// An address as it is written: `192.0.2.1`, `2001:db8::1`, `fe80::1%eth0`.
    package init?(literal text: String) {
        var (four, six) = (in_addr(), in6_addr())
        if inet_pton(AF_INET, text, &four) == 1 {
            self = .v4(withUnsafeBytes(of: &four) { Array($0) })
        } else if inet_pton(AF_INET6, String(text.prefix { $0 != "%" }), &six) == 1 {
            self = .v6(withUnsafeBytes(of: &six) { Array($0) })
        } else {
            return nil
        }
    }

    /// Its bytes, in network order.
    var bytes: [UInt8] {
        switch self {
        case .v4(let bytes), .v6(let bytes): bytes
        }
    }
}
