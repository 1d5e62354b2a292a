/// The location and message of a Python SyntaxError:
///
///       File "/app/chat.py", line 80
///         match role:
///               ^
///     SyntaxError: invalid syntax
struct PythonSyntaxError: Sendable {
    let path: String
    let lineNumber: String
    let code: String
    /// The column that Python marks in that line, counted in bytes from its beginning.
    let caret: Int?
    let rawLine: String
    /// The message in lower case, for example `invalid syntax`.
    let message: String

    init?(_ at: LogMatch) {
        let before = Array(at.preceding(6))
        guard let index = before.lastIndex(where: { $0.has("file \"") && $0.has("line ") }),
            let path = before[index].text.after("File \"")?.before("\""), path.utf8.count <= 200,
            !path.hasPrefix("<"),
            let number = before[index].text.after("\", line ")?.firstWord, Int(number) != nil
        else { return nil }
        (self.path, self.lineNumber) = (path, number)
        rawLine = before.dropFirst(index + 1).first?.text ?? ""
        code = rawLine.trimmed { " \t|".contains($0) }
        caret = before.dropFirst(index + 2).first?.text.before("^")?.utf8.count
        message = (at.text.after("Error: ") ?? "").lowercased()
    }

    var isInPackage: Bool {
        ["site-packages/", "dist-packages/", "/lib/python"].contains { path.contains($0) }
    }

    func appExplanation(_ at: LogMatch) -> CauseCandidate {
        let location = "\(path), line \(lineNumber)"
        if let version = minimumPython {
            // All Python versions still supported can parse these.
            let suggestedVersion = ["3", "3.6"].contains(version) ? "3.12" : version
            return CauseCandidate(
                cause: .syntax,
                why: "\(location) is written for Python \(version) or newer, and an older one reads it",
                fix: at.isDocker
                    ? "FROM python:\(suggestedVersion)-slim or newer in the Dockerfile, and start the app with its python"
                    : "card = python_version: \(suggestedVersion) of the target")
        }
        if let (why, fix) = specialCase {
            return CauseCandidate(cause: .syntax, why: "\(location) \(why)", fix: fix)
        }
        return CauseCandidate(
            cause: .syntax, why: "\(location) is no Python (\(message.prefix(120)))",
            fix: "mend it and push again; python -m compileall -q . finds such lines before a push")
    }

    func packageExplanation(_ at: LogMatch) -> CauseCandidate? {
        let name = path.after("-packages/").map { String($0.prefix { $0 != "/" && $0 != "." }) }
        guard let name, name.isPlainWord, message.hasPrefix("invalid syntax") || minimumPython != nil else {
            return nil
        }
        let requirement = minimumPython.map { "Python \($0) or newer" } ?? "another Python"
        return CauseCandidate(
            cause: .pythonVersion, why: "the installed \(name) is written for \(requirement)",
            fix: at.isDocker
                ? "another FROM python:3.x in the Dockerfile, or a version of \(name) for this Python"
                : "card = python_version: 3.x of the target, or a version of \(name) for this Python",
            confidence: minimumPython == nil ? .likely : .certain)
    }

    /// The reason and fix for errors that are not simple typos.
    private var specialCase: (why: String, fix: String)? {
        if message.contains("missing parentheses in call to 'print'") {
            return ("is written for Python 2", "write it for Python 3: 2to3 -w does most of it")
        }
        if ["<<<<<<<", "=======", ">>>>>>>"].contains(where: { code.hasPrefix($0) }) {
            return ("still holds the marks of a merge", "end the merge in the source, commit, and push again")
        }
        if code.hasPrefix("version https://git-lfs") {
            return (
                "is a pointer of Git LFS, not the file itself",
                "git lfs pull in the source, take *.py out of "
                    + ".gitattributes (git lfs untrack), and push again"
            )
        }
        if message.contains("tabs and spaces") || message.contains("indent") {
            return (
                "is not indented as Python wants it (\(message.prefix(100)))",
                "indent it with spaces alone, and push again; python -m compileall -q . finds such lines before"
            )
        }
        return nil
    }
}

extension PythonSyntaxError {
    /// The oldest Python that can parse the line; `nil` if the line has no syntax of a specific
    /// version (https://docs.python.org/3/whatsnew/).
    var minimumPython: String? {
        if message.hasPrefix("f-string expression part cannot include") || reusesQuotes { return "3.12" }
        guard
            message.hasPrefix("invalid syntax") || message.hasPrefix("expected '('")
                || message.hasPrefix("expected ':'")
        else { return nil }
        let first = code.prefix { $0 != " " && $0 != "(" && $0 != ":" }
        if ["def", "class"].contains(first), code.prefix(while: { $0 != "(" && $0 != ":" }).contains("[") {
            return "3.12"
        }
        guard message.hasPrefix("invalid syntax") else { return nil }
        if message == "invalid syntax", endsFormatted { return "3.6" }
        switch first {
        case "type" where !code.hasPrefix("type =") && code.contains(" = "): return "3.12"
        case "except*": return "3.11"
        case "match" where !code.hasPrefix("match =") && code.hasSuffix(":"),
            "with" where code.hasPrefix("with ("):
            return "3.10"
        case "print"
        where message == "invalid syntax" && ["file=", "end=", "sep="].contains { code.contains($0) }:
            return "3"
        default: return nil
        }
    }

    /// Whether the caret is at the end of an f-string, as in Python 2 and the first versions of
    /// Python 3.
    private var endsFormatted: Bool {
        guard let caret else { return false }
        return ["\"", "'"].contains { quote in
            guard let head = rawLine.before("f\(quote)"), let text = rawLine.after("f\(quote)")?.before(quote)
            else {
                return false
            }
            return abs(head.utf8.count + 2 + text.utf8.count - caret) <= 1
        }
    }

    /// Whether an f-string reuses its quotes, as in `f"{row["name"]}"`: up to 3.11 the second quote
    /// ends the string.
    private var reusesQuotes: Bool {
        guard
            message.hasPrefix("f-string: expecting '}'") || message.hasPrefix("f-string: unmatched")
                || message.hasPrefix("f-string: unterminated") || message.hasPrefix("invalid syntax")
        else { return false }
        return ["\"", "'"].contains { quote in
            guard var remaining = code.after("f\(quote)") else { return false }
            while let text = remaining.before("{"), !text.contains(quote),
                let inside = remaining.after("{")?.before("}")
            {
                if inside.contains(quote) { return true }
                remaining = remaining.after("{")?.after("}") ?? ""
            }
            return false
        }
    }
}
