/// A text with values in braces.
///
/// - `{name}` is replaced by the value, `{name|text}` by the value or else the text.
/// - `{name?text|other}` is replaced by the first text if there is a value (`%` in it stands for the value), and
///   otherwise by the other; `|other` can be left out.
///
/// The texts can contain values in braces, too. Values are inserted as they are.
enum TextTemplate {
    static func render(_ template: String, _ values: [String: String]) -> String {
        var rest = template[...]
        return render(&rest, values, until: "")
    }

    /// Renders the text before the first of the characters, and removes it from `rest`.
    private static func render(
        _ rest: inout Substring, _ values: [String: String], until ends: String, value: String? = nil
    ) -> String {
        var result = ""
        while let character = rest.first, !ends.contains(character) {
            rest.removeFirst()
            if character == "{", rest.first?.isLetter == true {
                result += field(&rest, values)
            } else {
                result += character == "%" ? value ?? "%" : String(character)
            }
        }
        return result
    }

    /// Renders a value in braces, without its opening brace.
    private static func field(_ rest: inout Substring, _ values: [String: String]) -> String {
        let name = String(rest.prefix { !"?|}".contains($0) })
        let value = values[name]
        rest = rest.dropFirst(name.count)
        var (text, other) = (value, "")
        if rest.first == "?" {
            rest.removeFirst()
            let rendered = render(&rest, values, until: "|}", value: value)
            text = value == nil ? nil : rendered
        }
        if rest.first == "|" {
            rest.removeFirst()
            other = render(&rest, values, until: "}")
        }
        rest = rest.dropFirst()
        return text ?? other
    }
}
