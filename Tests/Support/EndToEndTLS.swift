import Foundation

/// A TLS reverse proxy (nginx) in front of a plain HTTP server on loopback. Its certificate is issued
/// by a certificate authority that is created for this proxy only.
package final class TLSFront: Sendable {
    package let port: UInt16
    /// The path of a PEM file with the authority's certificate only.
    package var authority: String { folder.path + "/authority.pem" }
    private let folder: TestDirectory
    private let nginx: LiveRun

    /// - Parameters:
    ///   - backend: the HTTP server's address, as `127.0.0.1:PORT`.
    ///   - flood: the address of a second HTTP server, for the path `/flood`.
    ///   - isHTTP2: whether nginx offers HTTP/2. Each response names its protocol and the number of
    ///     its connection, in `X-Protocol` and `X-Connection`.
    package static func start(
        before backend: String, flood: String? = nil, isHTTP2: Bool = false
    ) async throws -> TLSFront {
        let folder = try TestDirectory()
        try await makeCertificates(in: folder)
        for _ in 1...5 {
            let port = try freePort()
            try folder.write(
                "nginx.conf", configuration(folder.path, port, backend, flood ?? backend, isHTTP2))
            let nginx = try LiveRun.start(
                try Peer.nginx.found(),
                ["-p", folder.path, "-c", folder.path + "/nginx.conf", "-e", folder.path + "/error.log"],
                environment: ["PATH": "/usr/sbin:/usr/bin:/bin"], directory: folder.url)
            let listens = await eventually { !nginx.isRunning || canConnect(port) }
            if listens, nginx.isRunning { return TLSFront(port, folder, nginx) }
        }
        throw POSIXError(.EADDRINUSE)
    }

    private init(_ port: UInt16, _ folder: TestDirectory, _ nginx: LiveRun) {
        (self.port, self.folder, self.nginx) = (port, folder, nginx)
    }

    // A process started on a thread of Swift's pool inherits its signal mask, in which SIGTERM is
    // blocked, and nginx does not unblock SIGTERM.
    deinit { nginx.send(SIGKILL) }

    /// Returns a command line that runs a program in a mount namespace where this authority is the
    /// only trusted one.
    package func trusted(_ program: String, _ arguments: [String]) throws -> (
        program: String, arguments: [String]
    ) {
        let script = "mount --bind \"$1\" /etc/ssl/certs/ca-certificates.crt && shift && exec \"$@\""
        return (try Peer.unshare.found(), ["-rm", "sh", "-c", script, "sh", authority, program] + arguments)
    }

    private static func makeCertificates(in folder: TestDirectory) async throws {
        let names = "subjectAltName=DNS:localhost,DNS:*.localhost,IP:127.0.0.1"
        try folder.write("names", names + "\n")
        for line in [
            "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=Rehearsal -keyout authority.key -out authority.pem",
            "req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj /CN=localhost -keyout server.key -out server.csr",
            "x509 -req -in server.csr -CA authority.pem -CAkey authority.key -CAcreateserial -days 2 -extfile names -out server.pem",
        ] {
            let made = try await run(
                try Peer.openssl.found(), line.split(separator: " ").map(String.init),
                environment: ["PATH": "/usr/bin:/bin", "HOME": folder.path], directory: folder.url)
            guard made.status == 0 else { throw Unmade(said: made.description) }
        }
    }

    package struct Unmade: Error {
        package var said: String

        package init(said: String) { self.said = said }
    }

    private static func configuration(
        _ folder: String, _ port: UInt16, _ backend: String, _ flood: String, _ isHTTP2: Bool
    ) -> String {
        """
        daemon off; master_process off; worker_processes 1; pid \(folder)/nginx.pid;
        events { worker_connections 64; }
        http {
          access_log off; client_max_body_size 0;
          client_body_temp_path \(folder)/body; proxy_temp_path \(folder)/proxy; fastcgi_temp_path \(folder)/f;
          uwsgi_temp_path \(folder)/u; scgi_temp_path \(folder)/s;
          server {
            listen 127.0.0.1:\(port) ssl\(isHTTP2 ? " http2" : ""); listen 127.0.0.2:\(port) ssl;
            add_header X-Protocol $server_protocol always; add_header X-Connection $connection always;
            location /flood { proxy_pass http://\(flood); proxy_buffering off; }
            ssl_certificate \(folder)/server.pem; ssl_certificate_key \(folder)/server.key;
            location / {
              proxy_pass http://\(backend); proxy_http_version 1.1; proxy_set_header Host $http_host;
              proxy_buffering off; proxy_request_buffering off; proxy_read_timeout 300s;
            }
          }
        }
        """
    }

    private static func freePort() throws -> UInt16 {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = loopback(port: 0)
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, size) == 0 && getsockname(descriptor, $0, &size) == 0
            }
        }
        guard isBound else { throw POSIXError(.EADDRINUSE) }
        return UInt16(bigEndian: address.sin_port)
    }

    private static func canConnect(_ port: UInt16) -> Bool {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = loopback(port: port)
        return withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
    }

    private static func loopback(port: UInt16) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        return address
    }
}

extension Peer {
    package static let nginx = Peer("nginx")
    package static let unshare = Peer("unshare")
    package static let ip = Peer("ip")
    package static let openssl = Peer("openssl")
}
