internal import CSystem

/// Streaming decompressor of a zlib stream (RFC 1950); the caller chooses the sizes of input and output.
package struct Inflater: ~Copyable {
    private let stream: UnsafeMutablePointer<z_stream>
    private let isReady: Bool

    package struct CorruptData: Error {}

    package init() {
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        isReady = spacesync_inflate_init(stream) == Z_OK
    }

    /// Resets the decompressor for another stream.
    package func reset() { if isReady { inflateReset(stream) } }

    /// Decompresses as much of `input` as fits into `output`.
    /// - Returns: the bytes read from `input`, the bytes written to `output`, and whether the stream
    ///   has ended.
    /// - Throws: `CorruptData` also if zlib could not be initialised.
    package func inflate(
        _ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer
    ) throws(CorruptData) -> (read: Int, written: Int, isEnd: Bool) {
        guard isReady, let inputSize = UInt32(exactly: input.count),
            let outputSize = UInt32(exactly: output.count)
        else {
            throw CorruptData()
        }
        let start = input.bindMemory(to: UInt8.self).baseAddress
        stream.pointee.next_in = UnsafeMutablePointer(mutating: start)
        stream.pointee.avail_in = inputSize
        stream.pointee.next_out = output.bindMemory(to: UInt8.self).baseAddress
        stream.pointee.avail_out = outputSize
        let status = CSystem.inflate(stream, Z_NO_FLUSH)
        guard status == Z_OK || status == Z_STREAM_END || status == Z_BUF_ERROR else { throw CorruptData() }
        return (
            input.count - Int(stream.pointee.avail_in), output.count - Int(stream.pointee.avail_out),
            status == Z_STREAM_END
        )
    }

    deinit {
        inflateEnd(stream)
        stream.deallocate()
    }
}
