internal import CSystem

/// Noncopyable owner of one libcrypto digest context, which is freed on `deinit`.
struct HashContext: ~Copyable {
    private let context: OpaquePointer?

    init(_ algorithm: OpaquePointer?) {
        context = EVP_MD_CTX_new()
        EVP_DigestInit_ex(context, algorithm, nil)
    }

    func update(_ bytes: UnsafeRawBufferPointer) {
        EVP_DigestUpdate(context, bytes.baseAddress, bytes.count)
    }

    /// Returns the digest of all bytes so far. The context must not be used afterwards.
    func finish(size: Int) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
            var length: UInt32 = 0
            EVP_DigestFinal_ex(context, buffer.baseAddress, &length)
            count = min(Int(length), size)
        }
    }

    deinit { EVP_MD_CTX_free(context) }
}
