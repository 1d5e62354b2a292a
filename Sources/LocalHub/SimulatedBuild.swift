import Essentials
import TextTools

/// What a Dockerfile asks for, step by step, as far as a build can be played from it.
struct SimulatedBuild: Sendable {
    var steps: [Step]

    struct Step: Hashable, Sendable {
        /// `RUN pip install x`.
        var instruction: String
        /// How it fails, when it does.
        var failure: Failure?
    }

    enum Failure: Hashable, Sendable {
        case exit(Int)
        case missing(String)
        case unknown
    }

    /// `paths` are all files and folders of the pushed tree.
    init(dockerfile: String, paths: Set<String>) {
        steps = Self.instructions(of: dockerfile).map { keyword, rest in
            Step(
                instruction: "\(keyword) \(rest)",
                failure: Self.failure(of: keyword, rest, paths: paths))
        }
    }

    /// What the Hub itself does for a Gradio Space.
    init(gradioIn paths: Set<String>) {
        var instructions = ["FROM docker.io/library/python:3.10", "WORKDIR /home/user/app"]
        if paths.contains("packages.txt") {
            instructions.append("RUN apt-get install -y $(cat packages.txt)")
        }
        if paths.contains("requirements.txt") { instructions.append("RUN pip install -r requirements.txt") }
        instructions += ["RUN pip install gradio[oauth]", "COPY . /home/user/app"]
        steps = instructions.map { Step(instruction: $0, failure: nil) }
    }

    /// Joins continued lines, drops comments and the text of here-documents.
    private static func instructions(of dockerfile: String) -> [(String, String)] {
        var found: [(String, String)] = [], pending = "", terminator: String?
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
            let words = pending.split(maxSplits: 1, whereSeparator: \.isWhitespace)
            let rest = words.count > 1 ? String(words[1]).trimmingSpaces() : ""
            found.append((words[0].uppercased(), rest))
            terminator = heredoc(in: rest)
            pending = ""
        }
        return found
    }

    private static func heredoc(in text: String) -> String? {
        guard let mark = text.firstRange(of: "<<") else { return nil }
        let word = text[mark.upperBound...].drop { $0 == "-" || $0 == "\"" || $0 == "'" }
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

    /// `RUN false` and `RUN exit N` fail, also behind `&&`.
    private static func exit(of command: String) -> Int? {
        for part in command.components(separatedBy: "&&") {
            let words = part.split(whereSeparator: \.isWhitespace)
            if words == ["false"] { return 1 }
            if words.count == 2, words[0] == "exit", let code = Int(words[1]), code != 0 { return code }
        }
        return nil
    }

    /// What COPY reads from the tree: not from another stage, a URL, a here-document or a variable.
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
