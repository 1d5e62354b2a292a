import Foundation
import TestSupport
import Testing

/// `hooks/install.sh`, with a local server in place of GitHub's releases.
struct InstallerTests {
    private let folder: TestDirectory

    init() throws { folder = try TestDirectory() }

    private var prefix: String { folder.path + "/prefix" }

    /// - Parameter user: the user id that the script sees.
    private func install(
        _ arguments: String..., user: Int = 1000, shell: String = "/bin/sh", changing: [String: String] = [:]
    ) async throws -> Finished {
        let id = try folder.write("bin/id", "#!/bin/sh\necho \(user)\n")
        chmod(id.path, 0o755)
        let environment = [
            "PATH": folder.path + "/bin:/usr/bin:/bin", "HOME": folder.path + "/home", "LC_ALL": "C",
        ]
        return try await run(
            shell, [PackageRoot.url.path + "/hooks/install.sh"] + arguments,
            environment: environment.merging(changing) { $1 }, directory: folder.url)
    }

    private func isInstalled(_ prefix: String) -> Bool {
        FileManager.default.isExecutableFile(atPath: prefix + "/bin/spacesync")
    }

    /// The paths below the prefix, without what the test itself needs.
    private func files(_ prefix: String) -> [String] {
        ((try? FileManager.default.subpathsOfDirectory(atPath: prefix)) ?? []).filter {
            !$0.contains("/hooks/") && !$0.contains("/licenses/")
        }.sorted()
    }

    @Test(arguments: ["/bin/dash", "/bin/bash"])
    func `the newest release is installed, and removed again`(shell: String) async throws {
        let release = try await TestRelease.start()
        try folder.write("home/.local/bin/other", "")
        let installed = try await install("--repository", release.repository, shell: shell)
        #expect(installed.status == 0, "\(installed)")
        let prefix = folder.path + "/home/.local"
        #expect(installed.out.contains("spacesync \(release.version)\n"), "\(installed)")
        #expect(installed.out.contains("export PATH=\"\(prefix)/bin:$PATH\"\n"), "\(installed)")
        #expect(
            files(prefix) == [
                "bin", "bin/git-spacesync", "bin/other", "bin/spacesync", "share", "share/spacesync",
                "share/spacesync/hooks", "share/spacesync/installed", "share/spacesync/licenses",
            ])
        let git = try await run(
            try Peer.git.found(), ["spacesync", "--version"],
            environment: ["PATH": prefix + "/bin:/usr/bin:/bin", "HOME": folder.path])
        #expect(git.out == "spacesync \(release.version)\n", "\(git)")
        let removed = try await install("--uninstall", shell: shell)
        #expect(removed.status == 0, "\(removed)")
        #expect(files(prefix) == ["bin", "bin/other", "share"])
    }

    @Test func `a named release is installed over another one, and PATH is not mentioned without need`()
        async throws
    {
        let release = try await TestRelease.start()
        try folder.write("prefix/bin/spacesync", "#!/bin/sh\necho old\n")
        let installed = try await install(
            "--repository", release.repository, "--version", "v\(release.version)", "--prefix", prefix,
            changing: ["PATH": "\(prefix)/bin:/usr/bin:/bin"])
        #expect(installed.status == 0 && !installed.out.contains("PATH"), "\(installed)")
        #expect(!release.requests.contains { $0.contains("/latest/") }, "\(release.requests)")
        let missing = try await install(
            "--repository", release.repository, "--version", "9.9.9", "--prefix", prefix)
        #expect(missing.status == 1 && missing.err.contains("v9.9.9/SHA256SUMS"), "\(missing)")
        #expect(missing.err.contains("hint: check --repository and --version"), "\(missing)")
        #expect(isInstalled(prefix), "the old one stays")
    }

    @Test func `an archive with the wrong checksum is not installed`() async throws {
        let release = try await TestRelease.start()
        let file = try FileHandle(forWritingTo: release.archive)
        try file.seekToEnd()
        try file.write(contentsOf: Data("x".utf8))
        let installed = try await install("--repository", release.repository, "--prefix", prefix)
        #expect(installed.status == 1, "\(installed)")
        #expect(installed.err.contains("wrong checksum; nothing was installed\nexpected "), "\(installed)")
        #expect(files(prefix).isEmpty, "\(files(prefix))")
    }

    @Test func `an archive in the cache is used if its checksum is right`() async throws {
        let release = try await TestRelease.start()
        let cache = folder.path + "/cache"
        for _ in 1...2 {
            let installed = try await install(
                "--repository", release.repository, "--prefix", prefix, "--cache", cache)
            #expect(installed.status == 0, "\(installed)")
        }
        #expect(release.downloads == 1, "\(release.requests)")
        try Data("x".utf8).write(
            to: URL(fileURLWithPath: cache + "/" + release.archive.lastPathComponent))
        let again = try await install(
            "--repository", release.repository, "--prefix", prefix, "--cache", cache)
        #expect(again.status == 0 && release.downloads == 2, "\(again)")
    }

    @Test func `root has to name the prefix`() async throws {
        let release = try await TestRelease.start()
        let refused = try await install("--repository", release.repository, user: 0)
        #expect(refused.status == 1, "\(refused)")
        #expect(refused.err.hasPrefix("error: running as root\nhint: for all users: --prefix /usr/local"))
        #expect(release.requests.isEmpty)
        let uninstall = try await install("--uninstall", user: 0)
        #expect(uninstall.status == 1 && uninstall.err.hasPrefix("error: running as root\n"))
        let named = try await install(
            "--repository", release.repository, "--prefix", prefix, user: 0)
        #expect(named.status == 0 && isInstalled(prefix), "\(named)")
    }

    @Test func `invalid arguments and systems are errors, and nothing is downloaded`() async throws {
        let release = try await TestRelease.start()
        for (arguments, message) in [
            (["--prefix"], "--prefix requires a value"), (["--pefix", "x"], "unknown argument \"--pefix\""),
            (["--repository", ""], "--repository requires a value"),
            (["--repository", "spacesync"], "spacesync is not a repository"),
            (["--repository", "a/b c"], "a/b c is not a repository"),
            (["--repository", "http://example.org/a/b"], "http://example.org/a/b is not an https URL"),
            (["--version", "../x"], "../x is not a version"), ([], "no repository given"),
        ] {
            let repository = arguments.contains("--version") ? ["--repository", release.repository] : []
            let finished = try await run(
                "/bin/sh", [PackageRoot.url.path + "/hooks/install.sh", "--show"] + repository + arguments,
                environment: ["PATH": "/usr/bin:/bin", "HOME": folder.path])
            #expect(finished.status == 1 && finished.err.hasPrefix("error: \(message)"), "\(finished)")
        }
        chmod(try folder.write("bin/uname", "#!/bin/sh\necho Darwin\n").path, 0o755)
        let other = try await install("--repository", release.repository)
        #expect(other.status == 1 && other.err.hasPrefix("error: there are no binaries for Darwin"))
        #expect(release.requests.isEmpty, "\(release.requests)")
    }

    @Test func `a spacesync that came in another way is not removed`() async throws {
        try folder.write("prefix/bin/spacesync", "")
        let finished = try await install("--uninstall", "--prefix", prefix)
        #expect(finished.status == 1 && finished.err.contains("did not install"), "\(finished)")
        #expect(files(prefix) == ["bin", "bin/spacesync"])
    }

    @Test func `a script that was cut off while it was downloaded does nothing`() async throws {
        let release = try await TestRelease.start()
        let text = try String(
            contentsOf: PackageRoot.url.appending(path: "hooks/install.sh"), encoding: .utf8)
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        for count in stride(from: 10, to: lines.count - 2, by: 12) {
            let part = try folder.write("part.sh", lines.prefix(count).joined(separator: "\n"))
            _ = try await run(
                "/bin/sh", [part.path, "--repository", release.repository, "--prefix", prefix],
                environment: ["PATH": "/usr/bin:/bin", "HOME": folder.path])
            #expect(files(prefix).isEmpty && release.requests.isEmpty, "\(count) lines")
        }
    }

    @Test(
        .enabled(if: Peer.openssl.isWanted, Comment(rawValue: Peer.openssl.word)),
        arguments: ["curl", "wget"])
    func `it works behind a proxy, with curl and with wget`(program: String) async throws {
        let (certificate, key) = (folder.path + "/certificate.pem", folder.path + "/key.pem")
        let made = try await run(
            try Peer.openssl.found(),
            [
                "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                "-days", "2", "-subj", "/CN=releases.example", "-addext",
                "subjectAltName=DNS:releases.example", "-keyout", key, "-out", certificate,
            ], environment: ["PATH": "/usr/bin:/bin", "HOME": folder.path])
        try #require(made.status == 0, "\(made)")
        let release = try await TestRelease.start(tls: (certificate, key))
        // Only one of the two programs is on PATH.
        try folder.write("programs/none", "")
        let names = try FileManager.default.contentsOfDirectory(atPath: "/usr/bin")
        for name in names where !["curl", "wget", "id"].contains(name) || name == program {
            try? FileManager.default.createSymbolicLink(
                atPath: folder.path + "/programs/" + name, withDestinationPath: "/usr/bin/" + name)
        }
        let proxy = try #require(release.proxy)
        let installed = try await install(
            "--repository", "https://releases.example/owner/spacesync", "--prefix", prefix,
            changing: [
                "PATH": folder.path + "/bin:" + folder.path + "/programs", "https_proxy": proxy,
                "CURL_CA_BUNDLE": certificate, "SSL_CERT_FILE": certificate,
                "WGETRC": try folder.write("wgetrc", "ca_certificate = \(certificate)\n").path,
            ])
        #expect(installed.status == 0 && isInstalled(prefix), "\(installed)")
        #expect(release.requests.contains("CONNECT releases.example:443"), "\(release.requests)")
    }
}
