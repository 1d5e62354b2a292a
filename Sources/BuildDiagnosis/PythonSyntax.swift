import TextTools

/// Files that Python cannot parse:
///
///       File "/app/chat.py", line 80
///         match role:
///               ^
///     SyntaxError: invalid syntax
enum PythonSyntax {
    static let patterns: [FailurePattern] = [
        error(
            [.captured("package"), .captured("version")], .pythonVersion,
            why: "the installed {package} is written for Python {version} or newer", fix: otherPython),
        error(
            [.captured("package"), .line("error: invalid syntax")], .pythonVersion, .likely,
            why: "the installed {package} is written for another Python", fix: otherPython),
        app(
            [.captured("version")],
            why: "is written for Python {version} or newer, but an older one runs it",
            fix:
                "{docker?use FROM python:{image}-slim or newer in the Dockerfile, and start the app with its "
                + "python|set card = python_version: {image} in the settings}"),
        app(
            [.line("error: missing parentheses in call to 'print'")], why: "is written for Python 2",
            fix: "convert it to Python 3 (2to3 -w does most of the work)"),
        app(
            [.value("code", "^<<<<<<<|^=======|^>>>>>>>")], why: "still contains merge conflict markers",
            fix: "resolve the conflict in the source, commit, and push again"),
        app(
            [.value("code", "^version https://git-lfs")],
            why: "is a Git LFS pointer, not the file itself",
            fix:
                "run git lfs pull in the source, remove *.py from .gitattributes (git lfs untrack), and push "
                + "again"),
        app(
            [.line("error: …tabs and spaces|error: …indent")],
            why: "is not indented correctly ({message})",
            fix: "indent it with spaces only, and push again; python -m compileall -q . finds such lines "
                + "before"),
        app(
            [], why: "is not valid Python ({message})",
            fix: "fix it and push again; python -m compileall -q . finds such lines before a push"),
    ]

    private static let otherPython =
        "{docker?use another FROM python:3.x in the Dockerfile|set card = python_version: 3.x in the settings}, "
        + "or use a version of {package} for this Python"

    private static func app(_ conditions: [Condition], why: String, fix: String) -> FailurePattern {
        error(
            [.not(.captured("package"))] + conditions, .syntax, why: "{path}, line {line} \(why)", fix: fix)
    }

    private static func error(
        _ conditions: [Condition], _ cause: DiagnosedCause,
        _ confidence: FailurePattern.Confidence = .certain,
        why: String, fix: String
    ) -> FailurePattern {
        FailurePattern(
            cause, "syntaxerror: {text*}|indentationerror: {text*}|taberror: {text*}", confidence,
            when: [.computed { $0.isAtFailure ? [:] : nil }, .computed(location)] + conditions, why: why,
            fix: fix)
    }

    static func isInPackage(_ path: String) -> Bool {
        ["site-packages/", "dist-packages/", "/lib/python"].contains { path.contains($0) }
    }

    /// Returns the location and code of the error in the lines before: `package` if the file belongs to an
    /// installed package, `version` (and `image`, still supported) if the code needs a newer Python.
    private static func location(_ match: LogMatch) -> [String: String]? {
        let before = Array(match.lines(-6..<0))
        let fileLine: LinePattern = "file '{path*}', line {line}"
        guard let index = before.lastIndex(where: { $0.has("file '…line ") }),
            var values = fileLine.captures(in: before[index]), let path = values["path"],
            !path.hasPrefix("<"), path.utf8.count <= 200, values["line"].flatMap({ Int($0) }) != nil
        else { return nil }
        let line = before.dropFirst(index + 1).first ?? NormalizedLine("")
        let caret = before.dropFirst(index + 2).first?.text.before("^")?.utf8.count
        let message = (match["text"] ?? "").lowercased()
        let code = line.text.trimmed { " \t|".contains($0) }
        (values["code"], values["message"]) = (code, String(message.prefix(120)))
        if isInPackage(path) {
            guard let package = path.after("-packages/")?.prefix(while: { $0 != "/" && $0 != "." }),
                String(package).isPlainWord
            else { return nil }
            values["package"] = String(package)
        }
        if let version = minimumPython(message, code, endsFString(line.text, at: caret)) {
            values["version"] = version
            values["image"] = ["3", "3.6"].contains(version) ? "3.12" : version
        }
        return values
    }

    /// Returns the oldest Python that can parse the code; `nil` if it has no syntax of a specific version
    /// (https://docs.python.org/3/whatsnew/).
    private static func minimumPython(_ message: String, _ code: String, _ endsFString: Bool) -> String? {
        if reusesQuotes(code), NormalizedLine(message).has(wrongFString) { return "3.12" }
        let (message, code) = (NormalizedLine(message), NormalizedLine(code, ignoresCase: false))
        // Variables may have the names `match` and `type`.
        guard !code.has("^match =|^type =") else { return nil }
        if endsFString, message.has("^invalid syntax$") { return "3.6" }
        return newSyntax.first { $0.messages.matches(message) && $0.code.matches(code) }?.version
    }

    private static let wrongFString: LinePattern =
        "^f-string: expecting '}'|^f-string: unmatched|^f-string: unterminated|^invalid syntax"

    private static let newSyntax: [(messages: LinePattern, code: LinePattern, version: String)] = [
        ("^f-string expression part cannot include", "", "3.12"),
        ("^invalid syntax|^expected '('|^expected ':'", "^def {name}[|^class {name}[", "3.12"),
        ("^invalid syntax", "^type {name} = ", "3.12"), ("^invalid syntax", "^except*", "3.11"),
        ("^invalid syntax", "^match …:$|^with (", "3.10"),
        ("^invalid syntax$", "^print…file=|^print…end=|^print…sep=", "3"),
    ]

    /// Whether an f-string reuses its quotes, as in `f"{row["name"]}"`: up to 3.11 the second quote ends it.
    private static func reusesQuotes(_ code: String) -> Bool {
        ["\"", "'"].contains { quote in
            guard var rest = code.after("f\(quote)") else { return false }
            while let text = rest.before("{"), !text.contains(quote),
                let inside = rest.after("{")?.before("}")
            {
                if inside.contains(quote) { return true }
                rest = rest.after("{")?.after("}") ?? ""
            }
            return false
        }
    }

    /// Whether an f-string ends at the column of the caret, as in the messages of Python before 3.6.
    private static func endsFString(_ line: String, at caret: Int?) -> Bool {
        guard let caret else { return false }
        return ["\"", "'"].contains { quote in
            guard let start = line.before("f\(quote)"), let text = line.after("f\(quote)")?.before(quote)
            else { return false }
            return abs(start.utf8.count + 2 + text.utf8.count - caret) <= 1
        }
    }
}
