internal import CCurl
import Essentials

/// The certificate authorities of the distribution. libcurl has the path of the distribution that it
/// was built for; on another distribution this path may not exist.
enum CertificateStore {
    /// The file to use instead of libcurl's own; `nil` if that one exists, or no other does.
    static let replacement: String? = replacement(
        file: spacesync_curl_ca_file().map { String(cString: $0) },
        directory: spacesync_curl_ca_directory().map { String(cString: $0) }
    ) { access($0, R_OK) == 0 }

    /// - Parameters:
    ///   - file: libcurl's own file; `nil` if it was built without one.
    ///   - directory: libcurl's own directory, used if there is no file.
    static func replacement(file: String?, directory: String?, exists: (String) -> Bool) -> String? {
        if let own = file ?? directory, exists(own) { return nil }
        return files.first(where: exists)
    }

    /// The locations of distributions, as in Go's `crypto/x509/root_linux.go`.
    private static let files = [
        "/etc/ssl/certs/ca-certificates.crt",  // Debian, Ubuntu, Arch, Gentoo
        "/etc/pki/tls/certs/ca-bundle.crt",  // Fedora, RHEL
        "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",  // Fedora, RHEL 7 and later
        "/etc/ssl/ca-bundle.pem",  // openSUSE
        "/var/lib/ca-certificates/ca-bundle.pem",  // openSUSE
        "/etc/ssl/cert.pem",  // Alpine
    ]
}
