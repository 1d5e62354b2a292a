import Essentials
import TextTools

/// The steps of a simulated Docker build, and their failures as far as they can be predicted from
/// the Dockerfile.
struct SimulatedBuild: Sendable {
    var steps: [Step]

    /// A Dockerfile instruction.
    struct Step: Hashable, Sendable {
        /// The text of the instruction, such as `RUN pip install x`.
        var instruction: String
        /// The failure of the instruction; `nil` if it succeeds.
        var failure: Failure?
    }

    /// The reason why a step fails.
    enum Failure: Hashable, Sendable {
        /// A command exits with this code.
        case exit(Int)
        /// A file of `COPY` or `ADD` does not exist.
        case missing(String)
        /// The instruction does not exist.
        case unknown
    }

    /// Creates the build of a Dockerfile.
    /// - Parameter paths: all files and folders in the pushed tree.
    init(dockerfile: String, paths: Set<String>) {
        steps = Self.instructions(of: dockerfile).map { keyword, arguments in
            Step(
                instruction: "\(keyword) \(arguments)",
                failure: Self.failure(of: keyword, arguments, paths: paths))
        }
    }

    /// Creates the build that the Hub generates for a Gradio Space.
    init(gradioIn paths: Set<String>) {
        var instructions = ["FROM docker.io/library/python:3.10", "WORKDIR /home/user/app"]
        if paths.contains("packages.txt") {
            instructions.append("RUN apt-get install -y $(cat packages.txt)")
        }
        if paths.contains("requirements.txt") { instructions.append("RUN pip install -r requirements.txt") }
        instructions += ["RUN pip install gradio[oauth]", "COPY . /home/user/app"]
        steps = instructions.map { Step(instruction: $0, failure: nil) }
    }

    /// Returns the keywords and arguments of a Dockerfile's instructions. Joins continued lines,
    /// and omits comments and the contents of here-documents.
    private static func instructions(of dockerfile: String) -> [(String, String)] {
        var result: [(String, String)] = [], pending = "", terminator: String?
        for line in dockerfile.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline) {
            let text = line.trimmingSpaces()
            if let end = terminator {
                if text == end { terminator = nil }
                continue
            }
            if text.isEmpty || text.hasPrefix("#") { continue }
            pending += text
            if pending.hasSuffix("\\") {
                pending.removeLast()
                continue
            }
            let parts = pending.split(maxSplits: 1, whereSeparator: \.isWhitespace)
            let arguments = parts.count > 1 ? String(parts[1]).trimmingSpaces() : ""
            result.append((parts[0].uppercased(), arguments))
            terminator = heredoc(in: arguments)
            pending = ""
        }
        return result
    }

    /// Returns the terminator of a here-document; `nil` if the instruction has none.
    private static func heredoc(in text: String) -> String? {
        guard let marker = text.firstRange(of: "<<") else { return nil }
        let word = text[marker.upperBound...].drop { $0 == "-" || $0 == "\"" || $0 == "'" }
            .prefix { $0.isLetter || $0.isNumber || $0 == "_" }
        return word.isEmpty ? nil : String(word)
    }

    private static func failure(of keyword: String, _ arguments: String, paths: Set<String>) -> Failure? {
        switch keyword {
        case "RUN": return exit(of: arguments).map { .exit($0) }
        case "COPY", "ADD":
            return sources(of: arguments).first { !isThere($0, in: paths) }.map { .missing($0) }
        case _ where known.contains(keyword): return nil
        default: return .unknown
        }
    }

    /// Returns the exit code of a failing `RUN`: of `false` and `exit N`, alone or after `&&`.
    /// `nil` for all other commands.
    private static func exit(of command: String) -> Int? {
        for part in command.components(separatedBy: "&&") {
            let words = part.split(whereSeparator: \.isWhitespace)
            if words == ["false"] { return 1 }
            if words.count == 2, words[0] == "exit", let code = Int(words[1]), code != 0 { return code }
        }
        return nil
    }

    /// Returns the sources of `COPY` or `ADD` in the tree, without those from another stage, a URL,
    /// a here-document or a variable.
    private static func sources(of arguments: String) -> [String] {
        var words = arguments.split(whereSeparator: \.isWhitespace).map(String.init)
        if words.contains(where: { $0.hasPrefix("--from") }) { return [] }
        words.removeAll { $0.hasPrefix("--") }
        if let list = JSON(Array(words.joined(separator: " ").utf8))?.array {
            words = list.compactMap(\.string)
        }
        return words.dropLast().filter { word in !["://", "$", "<<", "git@"].contains { word.contains($0) } }
    }

    private static func isThere(_ source: String, in paths: Set<String>) -> Bool {
        let parts = source.split(separator: "/").filter { $0 != "." }
        let path = parts.joined(separator: "/")
        if path.isEmpty || paths.contains(path) { return true }
        guard path.contains(where: { "*?[".contains($0) }) else { return false }
        return paths.contains { fnmatch(path, $0, FNM_PATHNAME) == 0 }
    }

    private static let known: Set<String> = [
        "FROM", "ARG", "ENV", "LABEL", "WORKDIR", "USER", "EXPOSE", "CMD", "ENTRYPOINT", "VOLUME", "SHELL",
        "HEALTHCHECK", "ONBUILD", "STOPSIGNAL", "MAINTAINER",
    ]
}

/// The input of a simulated build: SDK, scenario and build steps of a pushed commit.
struct BuildInput: Sendable {
    let sdk: String
    let script: HubScenario
    /// Problems in `.hub.json`, for the build log.
    let warnings: [String]
    let steps: [SimulatedBuild.Step]
    /// The reason why the commit cannot be built; `nil` if it can.
    let blocker: BuildBlocker?

    /// The stage and error message of a Space whose commit cannot be built.
    struct BuildBlocker: Hashable, Sendable {
        var stage: String
        var message: String?
    }

    init(repository: HubRepository, commit: String, card: JSON) async throws {
        let paths = Set(try await repository.entries(at: commit).map(\.path))
        func text(_ path: String) async throws -> String? {
            guard paths.contains(path) else { return nil }
            return try await repository.file(path, at: commit).map { String(decoding: $0, as: UTF8.self) }
        }
        let scenarioFile =
            paths.contains(".hub.json") ? try await repository.file(".hub.json", at: commit) : nil
        let script = HubScenario(scenarioFile)
        warnings = HubScenario.warnings(scenarioFile)
        let dockerfile = try await text("Dockerfile")
        sdk = card["sdk"].string ?? ""
        self.script = script
        let appFile = card["app_file"].string ?? "app.py"
        switch sdk {
        case "docker":
            let build = dockerfile.map { SimulatedBuild(dockerfile: $0, paths: paths) }
            steps = Self.failing(build?.steps ?? [], by: script)
            blocker = build == nil ? .noApp : steps.isEmpty ? .emptyDockerfile : nil
        case "gradio":
            steps = Self.failing(SimulatedBuild(gradioIn: paths).steps, by: script)
            blocker = paths.contains(appFile) ? nil : .noApp
        case "static":
            (steps, blocker) = ([], nil)
        default:
            (steps, blocker) = ([], .noConfiguration)
        }
    }

    /// Returns the steps, with a failure at the first instruction that contains the `fail` text of
    /// `.hub.json`.
    private static func failing(_ steps: [SimulatedBuild.Step], by script: HubScenario) -> [SimulatedBuild
        .Step]
    {
        guard let text = script.failingInstruction else { return steps }
        var steps = steps
        if let index = steps.firstIndex(where: { $0.instruction.contains(text) }) {
            steps[index].failure = .exit(script.buildExit)
        }
        return steps
    }
}

extension BuildInput.BuildBlocker {
    static let noApp = Self(stage: "NO_APP_FILE", message: nil)
    static let noConfiguration = Self(stage: "CONFIG_ERROR", message: "Missing configuration in README")
    static let collision = Self(
        stage: "CONFIG_ERROR", message: "Collision on variables and secrets names")
    static let emptyDockerfile = Self(
        stage: "BUILD_ERROR",
        message: "Job failed with exit code: 1. Reason: ERROR: failed to build: failed to solve: "
            + "the Dockerfile cannot be empty")
}
