import Testing

@testable import HTTP

/// The certificate authorities of distributions.
struct CertificateStoreTests {
    private let fedora = "/etc/pki/tls/certs/ca-bundle.crt"
    private let debian = "/etc/ssl/certs/ca-certificates.crt"

    private func replacement(file: String?, directory: String? = nil, existing: String...) -> String? {
        CertificateStore.replacement(file: file, directory: directory, exists: existing.contains)
    }

    @Test func `libcurl's own file is used where it exists`() {
        #expect(replacement(file: debian, existing: debian, fedora) == nil)
        #expect(
            replacement(file: nil, directory: "/etc/ssl/certs", existing: "/etc/ssl/certs", fedora) == nil)
    }

    @Test func `a libcurl of another distribution gets the file of this one`() {
        #expect(replacement(file: debian, directory: "/etc/ssl/certs", existing: fedora) == fedora)
        #expect(replacement(file: fedora, existing: debian) == debian)
        #expect(replacement(file: nil, existing: "/etc/ssl/cert.pem") == "/etc/ssl/cert.pem")
    }

    @Test func `without any file libcurl reports the error`() {
        #expect(replacement(file: debian) == nil)
        #expect(replacement(file: nil) == nil)
    }
}
