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
