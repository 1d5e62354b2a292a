import Dispatch
import Foundation

/// Whether somebody takes TCP connections at an address; asked only when an exchange is suspiciously silent.
enum ConnectionProbe {
    private static let queue = DispatchQueue(label: "spacesync.http.probe", attributes: .concurrent)

    /// Tries each address of the host, each within two seconds, on a queue of its own.
    static func reaches(_ origin: Origin) async -> Bool {
        await withCheckedContinuation { answer in
            queue.async { answer.resume(returning: addresses(of: origin).contains(where: connects)) }
        }
    }

    private struct Address {
        var family: Int32
        var bytes: [UInt8]
    }

    private static func addresses(of origin: Origin) -> [Address] {
        let name = origin.isLoopback && origin.host.hasSuffix("localhost") ? "localhost" : origin.host
        var hints = addrinfo()
        #if canImport(Glibc)
            hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        #else
            hints.ai_socktype = SOCK_STREAM
        #endif
        var first: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(name, String(origin.port), &hints, &first) == 0 else { return [] }
        defer { freeaddrinfo(first) }
        return sequence(first: first) { $0?.pointee.ai_next }.compactMap { entry in
            guard let entry, let address = entry.pointee.ai_addr else { return nil }
            let bytes = UnsafeRawBufferPointer(start: address, count: Int(entry.pointee.ai_addrlen))
            return Address(family: entry.pointee.ai_family, bytes: Array(bytes))
        }
    }

    private static func connects(to address: Address) -> Bool {
        #if canImport(Glibc)
            let descriptor = socket(address.family, Int32(SOCK_STREAM.rawValue), 0)
        #else
            let descriptor = socket(address.family, SOCK_STREAM, 0)
        #endif
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        guard fcntl(descriptor, F_SETFL, O_NONBLOCK) == 0 else { return false }
        let started = address.bytes.withUnsafeBytes { bytes in
            guard let base = bytes.baseAddress else { return false }
            let status = connect(
                descriptor, base.assumingMemoryBound(to: sockaddr.self), socklen_t(bytes.count))
            return status == 0 || errno == EINPROGRESS
        }
        return started && isWritable(descriptor)
    }

    private static func isWritable(_ descriptor: Int32) -> Bool {
        var wanted = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        guard poll(&wanted, 1, 2_000) == 1 else { return false }
        var (fault, size) = (Int32(0), socklen_t(MemoryLayout<Int32>.size))
        return getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &fault, &size) == 0 && fault == 0
    }
}
