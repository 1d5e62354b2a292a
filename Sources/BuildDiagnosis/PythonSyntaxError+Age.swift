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
