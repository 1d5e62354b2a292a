import Documentation
import Essentials
import HTTPServer
import LocalHub
import Reporting
import SpacesModel
import TextTools

/// The command `hub`: runs the local Hub until it is interrupted.
struct HubCommand: Sendable {
    static let command = Command(
        .hub, flags: [port, root, account, organization, partSize, linkLifetime, rateLimit],
        output: [.help]
    ) { (invocation) async throws(DeployError) in
        if let argument = invocation.arguments.positionals.first {
            throw DeployError(
                .usage, "hub accepts no arguments: \"\(argument)\"", hint: "run spacesync help hub")
        }
        return try await HubCommand(invocation: invocation).run()
    }

    private static let port = Flag("--port", value: "N", "loopback port; default: any free port")
    private static let root = Flag("--root", value: "DIR", "directory for repositories and state")
    private static let account = Flag(
        "--token", value: "NAME=USER:ROLE",
        "define a token; ROLE is read, write or fineGrained:SPACE,… (repeatable)")
    private static let organization = Flag(
        "--organization", value: "NAME=USER,…", "users with write access to an organization (repeatable)")
    private static let partSize = Flag(
        "--part-size", value: "SIZE", "size of the parts of large LFS objects: bytes, or 64K, 5M, 1G (64M)")
    private static let linkLifetime = Flag(
        "--link-lifetime", value: "TIME", "how long a link to LFS storage is valid: 2s, 15m (15m)")
    private static let rateLimit = Flag(
        "--rate-limit", value: "N[/TIME]", "requests per account and TIME (100000/5m; without TIME: per 5m)")

    let invocation: Invocation
    private var arguments: Arguments { invocation.arguments }

    func run() async throws(DeployError) -> Int {
        let temporary =
            arguments.has(Self.root) ? nil : temporaryDirectory() + "spacesync-hub-\(UUID().uuidString)"
        defer { if let temporary { try? FileManager.default.removeItem(atPath: temporary) } }
        let hub = try await start(try options(at: temporary))
        invocation.environment.out.write("\(hub.url)\n")
        await untilInterrupted()
        await hub.stop()
        return 0
    }

    private func start(_ options: HubOptions) async throws(DeployError) -> HubServer {
        do { return try await HubServer.start(options) } catch let failure as SystemError
            where options.port > 0 && [EADDRINUSE, EACCES].contains(failure.code)
        {
            let isInUse = failure.code == EADDRINUSE
            throw DeployError(
                .usage, "port \(options.port) " + (isInUse ? "is in use" : "cannot be opened"),
                details: ["\(failure)"],
                hint: isInUse
                    ? "omit --port to use a free port, or stop the process that uses it: ss -ltnp 'sport = :\(options.port)'"
                    : "omit --port to use a free port, or use one above 1023")
        } catch {
            throw DeployError(
                .internalError, "cannot start the local Hub", details: ["\(error)"],
                hint: "check that the port is free and the directory is writable")
        }
    }

    private func options(at temporary: String?) throws(DeployError) -> HubOptions {
        let root = arguments.value(Self.root).map { invocation.environment.absolute($0) } ?? temporary ?? ""
        var options = HubOptions(root: URL(fileURLWithPath: root))
        if let text = arguments.value(Self.port) {
            guard let port = UInt16(text) else {
                throw DeployError(
                    .usage, "--port: \"\(text)\" is not a valid port",
                    hint: "use a number from 1 to 65535, or omit --port to use a free port")
            }
            options.port = port
        }
        try setStorage(&options)
        try setRateLimit(&options)
        for text in arguments.values(Self.account) {
            guard let entry = TokenEntry(text) else {
                throw DeployError(
                    .usage, "--token requires NAME=USER:ROLE",
                    hint: "use a value such as --token demo=me:write")
            }
            options.tokens.append(entry)
        }
        for text in arguments.values(Self.organization) {
            let parts = text.split(separator: "=").map(String.init)
            guard parts.count == 2 else {
                throw DeployError(
                    .usage, "--organization requires NAME=USER,…",
                    hint: "use a value such as --organization acme=me")
            }
            options.organizations[parts[0]] = Set(parts[1].split(separator: ",").map(String.init))
        }
        return options
    }

    private func setRateLimit(_ options: inout HubOptions) throws(DeployError) {
        guard let text = arguments.value(Self.rateLimit) else { return }
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard let count = Int(parts[0]), count > 0, parts.count <= 2,
            let window = Duration(text: parts.count == 2 ? parts[1] : "300"), window >= .seconds(1)
        else {
            throw DeployError(
                .usage, "--rate-limit requires N or N/TIME", hint: "use a value such as --rate-limit 1000/5m")
        }
        (options.rateLimit, options.rateWindow) = (count, window)
    }

    private func setStorage(_ options: inout HubOptions) throws(DeployError) {
        if let text = arguments.value(Self.partSize) {
            guard let size = Self.bytes(text) else {
                throw DeployError(
                    .usage, "--part-size: invalid size \"\(text)\"",
                    hint: "use a value such as --part-size 5M")
            }
            options.partSize = size
        }
        if let text = arguments.value(Self.linkLifetime) {
            guard let lifetime = Duration(text: text) else {
                throw DeployError(
                    .usage, "--link-lifetime: invalid duration \"\(text)\"",
                    hint: "use a value such as --link-lifetime 2s")
            }
            options.linkLifetime = lifetime
        }
    }

    /// Parses a number of bytes, or of 1024, 1024² or 1024³ bytes with the suffix K, M or G; `nil`
    /// if it is not a valid number above 0.
    private static func bytes(_ text: String) -> Int? {
        let units = ["K": 1 << 10, "M": 1 << 20, "G": 1 << 30]
        let unit = text.last.flatMap { units[$0.uppercased()] }
        guard let count = Int(unit == nil ? text : String(text.dropLast())), count > 0 else { return nil }
        let (size, isOverflow) = count.multipliedReportingOverflow(by: unit ?? 1)
        return isOverflow ? nil : size
    }

    private func untilInterrupted() async {
        while !Task.isCancelled { try? await Task.sleep(for: .seconds(3600)) }
    }
}
