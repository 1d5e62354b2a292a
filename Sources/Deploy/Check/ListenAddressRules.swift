import DockerSyntax
import SpacesModel

/// Checks that the app listens on all addresses at `app_port`, where the Hub connects. Findings are
/// errors only if a single program is explicitly set to listen on loopback.
struct ListenAddressRules {
    private let dockerfile: Dockerfile
    private let appPort: Int
    private let listing: FileListing
    private let command: StartCommand?

    init(_ dockerfile: Dockerfile, appPort: Int, _ listing: FileListing) {
        (self.dockerfile, self.appPort, self.listing) = (dockerfile, appPort, listing)
        command = StartCommand(dockerfile)
    }

    var findings: [Finding] {
        let byFlag = command.flatMap(loopbackFlagFinding)
        let byDefault = byFlag == nil ? command.flatMap(loopbackDefaultFinding) : nil
        return [exposedPortFinding, byFlag, byDefault, command.flatMap(otherPortFinding)].compactMap { $0 }
            + loopbackVariableFindings
    }

    private static let hostFlags: Set<String> = [
        "--host", "-H", "--hostname", "--bind", "-b", "--address", "--server.address", "--server-name",
        "--server_name", "--ip", "--listen-host", "--bind-address", "--listen",
    ]
    private static let listenHint = "listen on 0.0.0.0: the Hub connects from outside the container"

    private var exposedPortFinding: Finding? {
        guard let ports = dockerfile.exposedPorts, let first = ports.first,
            !ports.contains(where: { $0.range.contains(appPort) })
        else { return nil }
        let exposed = Self.lowest(4, of: ports.map(\.range)).map(String.init).joined(separator: ", ")
        return Finding(
            .warning, "Dockerfile", line: first.line, .port,
            "EXPOSE \(exposed), but the Hub connects to port \(appPort)",
            fix: "set card = app_port: \(first.range.lowerBound), or make the app listen on port \(appPort)")
    }

    /// Returns the lowest ports of all ranges, without expanding the ranges.
    private static func lowest(_ count: Int, of ranges: [ClosedRange<Int>]) -> [Int] {
        Array(Set(ranges.flatMap { $0.prefix(count) }).sorted().prefix(count))
    }

    private func loopbackFlagFinding(_ command: StartCommand) -> Finding? {
        let hosts = command.values(Self.hostFlags)
        guard let host = hosts.first(where: { Address($0).isLoopback }),
            !hosts.contains(where: { Address($0).isWildcard })
        else { return nil }
        return Finding(
            command.isSimple ? .error : .warning, "Dockerfile", line: command.line, .loopback,
            "the app listens only on \(host)", fix: Self.listenHint)
    }

    private func loopbackDefaultFinding(_ command: StartCommand) -> Finding? {
        guard let program = Self.defaults.first(where: { runs($0, command) }) else { return nil }
        return Finding(
            .warning, "Dockerfile", line: command.line, .loopback,
            "\(program.name) listens on 127.0.0.1 by default",
            fix: "add \(program.flag): the Hub connects from outside the container")
    }

    private struct Program {
        var name: String
        var flag: String
        /// Other ways to set the listen address: flags, variables, configuration files.
        var otherFlags: Set<String>
        var variables: [String]
        var files: [Path] = []
    }

    private static let defaults = [
        Program(
            name: "uvicorn", flag: "--host 0.0.0.0", otherFlags: ["--uds", "--fd"],
            variables: ["UVICORN_HOST"]),
        Program(name: "flask", flag: "--host 0.0.0.0", otherFlags: ["-h"], variables: ["FLASK_RUN_HOST"]),
        Program(
            name: "hypercorn", flag: "--bind 0.0.0.0:7860", otherFlags: ["-c", "--config"], variables: []),
        Program(
            name: "gunicorn", flag: "--bind 0.0.0.0:7860", otherFlags: ["-c", "--config"],
            variables: ["PORT", "GUNICORN_CMD_ARGS"], files: ["gunicorn.conf.py"]),
    ]

    private func runs(_ program: Program, _ command: StartCommand) -> Bool {
        let variables = variables
        guard command.runs(program.name), !command.arguments.contains(where: { $0.contains("$") }) else {
            return false
        }
        if program.name == "uvicorn", command.runs("gunicorn") { return false }
        if program.name == "flask", !command.arguments.contains("run") { return false }
        return command.values(Self.hostFlags.union(program.otherFlags)).isEmpty
            && !program.variables.contains { variables[$0] != nil }
            && !program.files.contains { listing.files[$0] != nil }
    }

    /// The variables that ENV sets for the app, each with its line.
    private var variables: [String: (value: String, line: Int)] {
        var variables: [String: (value: String, line: Int)] = [:]
        for step in dockerfile.finalSteps where step.instruction.keyword == "ENV" {
            for variable in step.instruction.variables {
                let value = step.expanded(variable.value ?? "").map(\.text) ?? ""
                variables[variable.name] = (value, step.instruction.line)
            }
        }
        return variables
    }

    private var loopbackVariableFindings: [Finding] {
        let names = [
            "HOST", "HOSTNAME", "BIND", "BIND_ADDRESS", "LISTEN", "SERVER_HOST", "APP_HOST",
            "GRADIO_SERVER_NAME",
            "FLASK_RUN_HOST", "UVICORN_HOST", "STREAMLIT_SERVER_ADDRESS", "LISTEN_ADDR",
        ]
        let variables = variables
        return names.compactMap { name in
            guard let (value, line) = variables[name], Address(value).isLoopback else { return nil }
            return Finding(
                .warning, "Dockerfile", line: line, .loopback, "ENV \(name) binds the app to \(value)",
                fix: Self.listenHint)
        }
    }

    private func otherPortFinding(_ command: StartCommand) -> Finding? {
        var flags: Set<String> = ["--port", "--server.port", "--server-port", "--server_port", "--http-port"]
        if ["flask", "serve", "http-server", "next"].contains(where: command.runs) { flags.insert("-p") }
        let boundPorts = command.values(["--bind", "-b"]).compactMap { Address($0).port }
        let ports = command.values(flags).compactMap { Int($0) } + boundPorts
        guard let port = ports.first, !ports.contains(appPort) else { return nil }
        return Finding(
            .warning, "Dockerfile", line: command.line, .port,
            "the app listens on port \(port), but the Hub connects to port \(appPort)",
            fix: "set card = app_port: \(port), or make the app listen on port \(appPort)")
    }
}

/// A listen address: `HOST`, `HOST:PORT`, `:PORT` or `[::1]:PORT`.
private struct Address {
    let host: String
    let port: Int?

    init(_ text: String) {
        let address = text.split(separator: "/").last.map(String.init) ?? text
        if address.hasPrefix("["), let close = address.firstIndex(of: "]") {
            host = String(address[address.index(after: address.startIndex)..<close])
            port = Int(address[close...].dropFirst(2))
        } else if let colon = address.lastIndex(of: ":"), address.filter({ $0 == ":" }).count == 1 {
            host = String(address[..<colon])
            port = Int(address[address.index(after: colon)...])
        } else {
            (host, port) = (address, nil)
        }
    }

    var isLoopback: Bool { host == "localhost" || host == "::1" || host.hasPrefix("127.") }
    var isWildcard: Bool { ["0.0.0.0", "::", "*", ""].contains(host) }
}
