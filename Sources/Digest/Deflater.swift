internal import CSystem

/// Compresses pieces of data, each into a zlib stream of its own (RFC 1950), with one set of buffers.
package struct Deflater: ~Copyable {
    private let stream: UnsafeMutablePointer<z_stream>
    private let output: UnsafeMutableRawBufferPointer
    private let isReady: Bool

    /// zlib has no memory for it.
    package struct OutOfMemory: Error {}

    /// - Parameter level: from 1, the quickest, to 9, the smallest.
    package init(level: Int32) {
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        output = .allocate(byteCount: 1 << 16, alignment: 1)
        isReady = spacesync_deflate_init(stream, level) == Z_OK
    }

    /// Compresses all of `bytes`, and hands the stream on in pieces, which are valid for the length of the call.
    package func deflate(
        _ bytes: UnsafeRawBufferPointer, _ sink: (UnsafeRawBufferPointer) throws -> Void
    ) throws {
        guard isReady else { throw OutOfMemory() }
        deflateReset(stream)
        // zlib counts input in 32 bits, so that more than that is given in parts.
        var rest = bytes[...]
        repeat {
            let part = rest.prefix(Int(UInt32.max / 2))
            rest = rest.dropFirst(part.count)
            let start = UnsafeRawBufferPointer(rebasing: part).bindMemory(to: UInt8.self).baseAddress
            stream.pointee.next_in = UnsafeMutablePointer(mutating: start)
            stream.pointee.avail_in = UInt32(part.count)
            try drain(rest.isEmpty ? Z_FINISH : Z_NO_FLUSH, sink)
        } while !rest.isEmpty
    }

    /// The same of an array.
    package func deflate(_ bytes: [UInt8], _ sink: (UnsafeRawBufferPointer) throws -> Void) throws {
        try bytes.withUnsafeBytes { try deflate($0, sink) }
    }

    private func drain(_ flush: Int32, _ sink: (UnsafeRawBufferPointer) throws -> Void) throws {
        repeat {
            stream.pointee.next_out = output.bindMemory(to: UInt8.self).baseAddress
            stream.pointee.avail_out = UInt32(output.count)
            guard CSystem.deflate(stream, flush) != Z_STREAM_ERROR else { throw OutOfMemory() }
            let made = output.count - Int(stream.pointee.avail_out)
            if made > 0 { try sink(UnsafeRawBufferPointer(output)[..<made].rebased) }
        } while stream.pointee.avail_out == 0
    }

    deinit {
        deflateEnd(stream)
        stream.deallocate()
        output.deallocate()
    }
}

extension Slice<UnsafeRawBufferPointer> {
    fileprivate var rebased: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: self) }
}
