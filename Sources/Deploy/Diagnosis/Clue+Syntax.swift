extension Clue {
    /// A file that Python cannot read.
    static let syntax: [Clue] = [
        Clue("syntaxerror: ", "indentationerror: ", "taberror: ") { at in
            guard at.isAtFall, let fault = SyntaxFault(at) else { return nil }
            return fault.isOfPackage ? fault.ofPackage(at) : fault.ofApp(at)
        }
    ]
}

/// The place and the words of a SyntaxError:
///
///       File "/app/chat.py", line 80
///         match role:
///               ^
///     SyntaxError: invalid syntax
private struct SyntaxFault {
    let path: String
    let number: String
    let code: String
    /// `invalid syntax`, in lower case.
    let words: String

    init?(_ at: Sighted) {
        let before = Array(at.preceding(6))
        guard let index = before.lastIndex(where: { $0.has("file \"") && $0.has("line ") }),
            let path = before[index].text.after("File \"")?.before("\""), path.utf8.count <= 200,
            !path.hasPrefix("<"),
            let number = before[index].text.after("\", line ")?.firstWord, Int(number) != nil
        else { return nil }
        (self.path, self.number) = (path, number)
        code = before.dropFirst(index + 1).first?.text.trimmed { " \t|".contains($0) } ?? ""
        words = (at.text.after("Error: ") ?? "").lowercased()
    }

    var isOfPackage: Bool {
        ["site-packages/", "dist-packages/", "/lib/python"].contains { path.contains($0) }
    }

    func ofApp(_ at: Sighted) -> Explanation {
        let place = "\(path), line \(number)"
        if let version = youngest {
            return Explanation(
                cause: .syntax,
                why: "\(place) is written for Python \(version) or newer, and an older one reads it",
                mend: at.isDocker
                    ? "FROM python:\(version) or newer in the Dockerfile, or write that line as older Pythons want it"
                    : "card = python_version: \(version) of the target, or write that line as older Pythons want it"
            )
        }
        if let (why, mend) = special {
            return Explanation(cause: .syntax, why: "\(place) \(why)", mend: mend)
        }
        return Explanation(
            cause: .syntax, why: "\(place) is no Python (\(words.prefix(120)))",
            mend: "mend it and push again; python -m compileall -q . finds such lines before a push")
    }

    func ofPackage(_ at: Sighted) -> Explanation? {
        let name = path.after("-packages/").map { String($0.prefix { $0 != "/" && $0 != "." }) }
        guard let name, name.isPlainWord, words.hasPrefix("invalid syntax") || youngest != nil else {
            return nil
        }
        let wanted = youngest.map { "Python \($0) or newer" } ?? "another Python"
        return Explanation(
            cause: .pythonVersion, why: "the installed \(name) is written for \(wanted)",
            mend: at.isDocker
                ? "another FROM python:3.x in the Dockerfile, or a version of \(name) for this Python"
                : "card = python_version: 3.x of the target, or a version of \(name) for this Python",
            weight: youngest == nil ? .likely : .sure)
    }

    /// The oldest Python that reads the line, where its look betrays it (https://docs.python.org/3/whatsnew/).
    private var youngest: String? {
        if words.hasPrefix("f-string expression part cannot include") || reusesQuotes { return "3.12" }
        guard
            words.hasPrefix("invalid syntax") || words.hasPrefix("expected '('")
                || words.hasPrefix("expected ':'")
        else { return nil }
        let first = code.prefix { $0 != " " && $0 != "(" && $0 != ":" }
        if ["def", "class"].contains(first), code.prefix(while: { $0 != "(" && $0 != ":" }).contains("[") {
            return "3.12"
        }
        guard words.hasPrefix("invalid syntax") else { return nil }
        switch first {
        case "type" where code.contains(" = "): return "3.12"
        case "except*": return "3.11"
        case "match" where code.hasSuffix(":"), "with" where code.hasPrefix("with ("): return "3.10"
        default: return code.contains(":=") ? "3.8" : nil
        }
    }

    /// `f"{row["name"]}"`: until 3.11 the second quote ends the string.
    private var reusesQuotes: Bool {
        guard
            words.hasPrefix("f-string: expecting '}'") || words.hasPrefix("f-string: unmatched")
                || words.hasPrefix("f-string: unterminated") || words.hasPrefix("invalid syntax")
        else { return false }
        return ["\"", "'"].contains { quote in
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

    /// What is no slip of the pen.
    private var special: (why: String, mend: String)? {
        if words.contains("missing parentheses in call to 'print'") {
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
        if words.contains("tabs and spaces") || words.contains("unindent") || words.contains("indent") {
            return (
                "is not indented as Python wants it (\(words.prefix(100)))",
                "indent it with spaces alone, and push again; python -m compileall -q . finds such lines before"
            )
        }
        return nil
    }
}
