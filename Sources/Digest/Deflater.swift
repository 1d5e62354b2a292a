internal import CSystem

/// Compressor that writes each input as a separate zlib stream (RFC 1950) and reuses its buffers.
package struct Deflater: ~Copyable {
    private let stream: UnsafeMutablePointer<z_stream>
    private let output: UnsafeMutableRawBufferPointer
    private let isReady: Bool

    /// zlib could not allocate memory.
    package struct OutOfMemory: Error {}

    /// - Parameter level: from 1 (fastest) to 9 (smallest output).
    package init(level: Int32) {
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        output = .allocate(byteCount: 1 << 16, alignment: 1)
        isReady = spacesync_deflate_init(stream, level) == Z_OK
    }

    /// Compresses all of `bytes` and passes the stream to `sink` in pieces, which are valid during the call.
    package func deflate(
        _ bytes: UnsafeRawBufferPointer, _ sink: (UnsafeRawBufferPointer) throws -> Void
    ) throws {
        guard isReady else { throw OutOfMemory() }
        deflateReset(stream)
        // zlib takes lengths as 32-bit integers, so longer input is passed in parts.
        var remaining = bytes[...]
        repeat {
            let part = remaining.prefix(Int(UInt32.max / 2))
            remaining = remaining.dropFirst(part.count)
            let start = UnsafeRawBufferPointer(rebasing: part).bindMemory(to: UInt8.self).baseAddress
            stream.pointee.next_in = UnsafeMutablePointer(mutating: start)
            stream.pointee.avail_in = UInt32(part.count)
            try drain(remaining.isEmpty ? Z_FINISH : Z_NO_FLUSH, sink)
        } while !remaining.isEmpty
    }

    /// Compresses an array, as `deflate` for a buffer does.
    package func deflate(_ bytes: [UInt8], _ sink: (UnsafeRawBufferPointer) throws -> Void) throws {
        try bytes.withUnsafeBytes { try deflate($0, sink) }
    }

    private func drain(_ flush: Int32, _ sink: (UnsafeRawBufferPointer) throws -> Void) throws {
        repeat {
            stream.pointee.next_out = output.bindMemory(to: UInt8.self).baseAddress
            stream.pointee.avail_out = UInt32(output.count)
            guard CSystem.deflate(stream, flush) != Z_STREAM_ERROR else { throw OutOfMemory() }
            let produced = output.count - Int(stream.pointee.avail_out)
            if produced > 0 { try sink(UnsafeRawBufferPointer(output)[..<produced].rebased) }
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
