internal import CSystem

/// Expands one zlib stream (RFC 1950) in pieces of the caller's choice.
package struct Inflater: ~Copyable {
    private let stream: UnsafeMutablePointer<z_stream>
    private let isReady: Bool

    package struct CorruptData: Error {}

    package init() {
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        isReady = spacesync_inflate_init(stream) == Z_OK
    }

    /// Begins another stream.
    package func reset() { if isReady { inflateReset(stream) } }

    /// - Returns: bytes taken from `input`, bytes put into `output`, and whether the stream has ended.
    package func inflate(
        _ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer
    ) throws(CorruptData) -> (read: Int, written: Int, isEnd: Bool) {
        guard isReady, let given = UInt32(exactly: input.count), let room = UInt32(exactly: output.count)
        else {
            throw CorruptData()
        }
        let start = input.bindMemory(to: UInt8.self).baseAddress
        stream.pointee.next_in = UnsafeMutablePointer(mutating: start)
        stream.pointee.avail_in = given
        stream.pointee.next_out = output.bindMemory(to: UInt8.self).baseAddress
        stream.pointee.avail_out = room
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
