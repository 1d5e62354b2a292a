import Foundation
import TestSupport

/// A separate network and mount namespace in which evil.test and github.com are TLS servers that
/// request a password and record the credentials they receive. The local Hub runs inside it.
struct HostileNetwork {
    let folder: TestDirectory

    struct Seen: Sendable {
        /// `evil.test` or `github.com`.
        var host: String
        /// The decoded user and password of `Basic` authorization, otherwise the header as it was sent.
        var authorization: String
    }

    init() async throws {
        folder = try TestDirectory()
        try folder.write("names", "subjectAltName=DNS:evil.test,DNS:github.com\n")
        try folder.write("hosts", "127.0.0.1 localhost\n203.0.113.7 evil.test\n203.0.113.8 github.com\n")
        try folder.write("nginx.conf", configuration)
        try folder.write("run.sh", Self.script)
        try folder.write("home/.config/unused", "")
        for line in [
            "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=Rehearsal -keyout authority.key -out authority.pem",
            "req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj /CN=evil.test -keyout server.key -out server.csr",
            "x509 -req -in server.csr -CA authority.pem -CAkey authority.key -CAcreateserial -days 2 -extfile names -out server.pem",
        ] {
            let made = try await run(
                try Peer.openssl.found(), line.split(separator: " ").map(String.init),
                environment: ["PATH": "/usr/bin:/bin", "HOME": folder.path], directory: folder.url)
            guard made.status == 0 else { throw TLSFront.Unmade(said: made.description) }
        }
    }

    /// A repository with these files in one commit.
    func source(_ files: [String: String]) async throws -> Repository {
        let repository = Repository(url: folder.url.appending(path: "source"), home: folder.path + "/home")
        try FileManager.default.createDirectory(at: repository.url, withIntermediateDirectories: true)
        try await repository.git("init", "-q", "-b", "main")
        try await repository.commit(Scene.files.merging(files) { $1 }, "Say hello")
        return repository
    }

    /// Runs the built binary in the network, with a local Hub and its token in the environment.
    func spacesync(
        _ arguments: [String], in directory: URL, changing: [String: String] = [:]
    ) async throws -> (finished: Finished, seen: [Seen]) {
        var environment = [
            "PATH": "/usr/sbin:/sbin:/usr/bin:/bin", "HOME": folder.path + "/home", "LC_ALL": "C",
            "HF_TOKEN": Scene.token, "SPACESYNC_RETRIES": "0", "SPACESYNC_CONNECT_TIMEOUT": "10s",
            // The machine's system configuration may rewrite github.com URLs.
            "GIT_CONFIG_NOSYSTEM": "1",
        ]
        environment.merge(changing) { $1 }
        let finished = try await run(
            try Peer.unshare.found(),
            ["-rnm", "/bin/sh", folder.path + "/run.sh", folder.path, Binary.path] + arguments,
            environment: environment, directory: directory)
        let log = (try? String(contentsOfFile: folder.path + "/access.log", encoding: .utf8)) ?? ""
        return (finished, log.split(separator: "\n").map(Self.seen))
    }

    private static func seen(_ line: Substring) -> Seen {
        let words = line.split(separator: "|", omittingEmptySubsequences: false).map { String($0) }
        let basic = words[1].hasPrefix("Basic ") ? Data(base64Encoded: String(words[1].dropFirst(6))) : nil
        return Seen(
            host: words[0], authorization: basic.map { String(decoding: $0, as: UTF8.self) } ?? words[1])
    }

    /// $1 is the folder; the command line follows.
    private static let script = """
        set -e; folder=$1; shift
        ip link set lo up; ip addr add 203.0.113.7/32 dev lo; ip addr add 203.0.113.8/32 dev lo
        mount --bind "$folder/hosts" /etc/hosts
        mount --bind "$folder/authority.pem" /etc/ssl/certs/ca-certificates.crt
        nginx -p "$folder" -c "$folder/nginx.conf" -e "$folder/error.log" & nginx=$!
        "$1" hub --root "$folder/hub" > "$folder/hub.url" 2> /dev/null & hub=$!
        trap 'kill -9 $nginx $hub' EXIT
        tries=0; while [ ! -s "$folder/hub.url" ] || [ ! -e "$folder/nginx.pid" ]; do
          tries=$((tries + 1)); [ $tries -lt 1200 ] || exit 99; sleep 0.1
        done
        : "${HF_ENDPOINT=$(head -n 1 "$folder/hub.url")}"; export HF_ENDPOINT
        set +e; "$@"; exit $?
        """

    private var configuration: String {
        """
        user root; daemon off; master_process off; worker_processes 1; pid \(folder.path)/nginx.pid;
        events { worker_connections 64; }
        http {
          log_format all '$host|$http_authorization|$request'; access_log \(folder.path)/access.log all;
          client_body_temp_path \(folder.path)/body; proxy_temp_path \(folder.path)/proxy;
          fastcgi_temp_path \(folder.path)/f; uwsgi_temp_path \(folder.path)/u; scgi_temp_path \(folder.path)/s;
          server {
            listen 203.0.113.7:443 ssl; listen 203.0.113.8:443 ssl; listen 203.0.113.8:8443 ssl;
            ssl_certificate \(folder.path)/server.pem; ssl_certificate_key \(folder.path)/server.key;
            location / { add_header WWW-Authenticate 'Basic realm="x"' always; return 401; }
          }
        }
        """
    }
}
