import Foundation
import TestSupport

/// A parser of a step's output like GitHub's runner: the workflow commands, and the values in
/// command files (actions/runner: ActionCommandManager.cs, ActionCommand.cs,
/// FileCommandManager.cs).
struct WorkflowRunner {
    struct Command: Hashable {
        var name: String
        var properties: [String: String] = [:]
        var message = ""
    }

    /// The executed commands.
    private(set) var commands: [Command] = []
    /// The printed lines, with the title of the open group; `nil` if no group was open.
    private(set) var shown: [(group: String?, line: String)] = []
    private var group: String?
    private var stopToken: String?
    private static let known: Set = [
        "group", "endgroup", "error", "warning", "notice", "debug", "add-mask", "set-output", "set-env",
        "add-path", "save-state", "stop-commands", "add-matcher", "remove-matcher", "echo",
    ]

    init(_ text: String...) { text.forEach { read($0) } }

    var titles: [String] { commands.filter { $0.name == "group" }.map(\.message) }
    func named(_ name: String) -> [Command] { commands.filter { $0.name == name } }
    func lines(in group: String?) -> [String] { shown.filter { $0.group == group }.map(\.line) }

    mutating func read(_ text: String) {
        for line in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline) {
            read(line: String(line))
        }
    }

    private mutating func read(line: String) {
        guard let command = command(in: line) else { return shown.append((group, line)) }
        if let stopToken {
            guard command.name == stopToken else { return shown.append((group, line)) }
            return self.stopToken = nil
        }
        guard command.name != "stop-commands" else { return stopToken = command.message }
        if command.name == "group" { group = command.message }
        if command.name == "endgroup" { group = nil }
        commands.append(command)
    }

    private func command(in line: String) -> Command? {
        let text = line.drop(while: \.isWhitespace)
        if text.hasPrefix("::"), let end = text.dropFirst(2).firstRange(of: "::") {
            return command(text[..<end.lowerBound].dropFirst(2), ",", text[end.upperBound...])
        }
        guard let start = line.firstRange(of: "##["),
            let end = line[start.upperBound...].firstIndex(of: "]")
        else { return nil }
        return command(line[start.upperBound..<end], ";", line[line.index(after: end)...])
    }

    private func command(
        _ head: Substring, _ separator: Character, _ message: Substring
    ) -> Command? {
        let words = head.split(separator: " ", maxSplits: 1)
        guard let name = words.first.map({ String($0) }), Self.known.contains(name) || name == stopToken
        else {
            return nil
        }
        var properties: [String: String] = [:]
        for pair in (words.dropFirst().first ?? "").split(separator: separator) {
            let sides = pair.split(separator: "=", maxSplits: 1).map { String($0) }
            if sides.count == 2 { properties[sides[0]] = Self.plain(sides[1]) }
        }
        return Command(name: name, properties: properties, message: Self.plain(String(message)))
    }

    private static func plain(_ text: String) -> String {
        let escapes = [("%0D", "\r"), ("%0A", "\n"), ("%3A", ":"), ("%2C", ","), ("%25", "%")]
        var plain = text
        for (escape, character) in escapes { plain = plain.replacing(escape, with: character) }
        return plain
    }

    /// Returns the outputs that a command file sets.
    static func outputs(_ text: String) throws -> [String: String] {
        var outputs: [String: String] = [:]
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map { String($0) }[...]
        while let line = lines.popFirst() {
            guard !line.isEmpty else { continue }
            let parts = line.components(separatedBy: "<<")
            guard parts.count == 2, let end = lines.firstIndex(of: parts[1]) else { throw Unread(line: line) }
            outputs[parts[0]] = lines[..<end].joined(separator: "\n")
            lines = lines[(end + 1)...]
        }
        return outputs
    }

    struct Unread: Error { var line: String }
}

/// The result of a workflow step: its run, summary and outputs.
struct WorkflowStep {
    let finished: Finished
    let summary: String
    let outputs: [String: String]
    /// The parsed standard error.
    let runner: WorkflowRunner

    /// Everything the step wrote.
    var everything: String { "\(finished)\n\(summary)\n\(outputs)" }
}

extension Scene {
    func step(_ words: String..., in directory: URL? = nil) async throws -> WorkflowStep {
        try await step(words, in: directory)
    }

    func step(
        _ words: [String], in directory: URL? = nil, changing: [String: String?] = [:]
    ) async throws -> WorkflowStep {
        let files = ["GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY"]
        let urls = files.map { folder.url.appending(path: "\($0)-\(UUID().uuidString)") }
        var environment: [String: String?] = ["GITHUB_ACTIONS": "true"]
        for (name, url) in zip(files, urls) { environment[name] = url.path }
        let finished = try await spacesync(
            words, in: directory, changing: environment.merging(changing) { $1 })
        let texts = urls.map { (try? String(contentsOf: $0, encoding: .utf8)) ?? "" }
        return WorkflowStep(
            finished: finished, summary: texts[1], outputs: try WorkflowRunner.outputs(texts[0]),
            runner: WorkflowRunner(finished.err))
    }
}
