/// The place and the words of a SyntaxError:
///
///       File "/app/chat.py", line 80
///         match role:
///               ^
///     SyntaxError: invalid syntax
struct SyntaxFault: Sendable {
    let path: String
    let number: String
    let code: String
    /// Where Python points to, in that line; from its beginning.
    let caret: Int?
    let raw: String
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
        raw = before.dropFirst(index + 1).first?.text ?? ""
        code = raw.trimmed { " \t|".contains($0) }
        caret = before.dropFirst(index + 2).first?.text.before("^")?.utf8.count
        words = (at.text.after("Error: ") ?? "").lowercased()
    }

    var isOfPackage: Bool {
        ["site-packages/", "dist-packages/", "/lib/python"].contains { path.contains($0) }
    }

    func ofApp(_ at: Sighted) -> Explanation {
        let place = "\(path), line \(number)"
        if let version = youngest {
            // Every Python that is still kept up reads these.
            let wanted = ["3", "3.6"].contains(version) ? "3.12" : version
            return Explanation(
                cause: .syntax,
                why: "\(place) is written for Python \(version) or newer, and an older one reads it",
                mend: at.isDocker
                    ? "FROM python:\(wanted)-slim or newer in the Dockerfile, and start the app with its python"
                    : "card = python_version: \(wanted) of the target")
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
        if words.contains("tabs and spaces") || words.contains("indent") {
            return (
                "is not indented as Python wants it (\(words.prefix(100)))",
                "indent it with spaces alone, and push again; python -m compileall -q . finds such lines before"
            )
        }
        return nil
    }
}
