/// The Markdown of a topic as plain text of at most 80 columns.
///
/// It knows what the topics use: headings, paragraphs, lists, code blocks, tables and links. Headings are
/// at the left edge, everything else is indented.
struct MarkdownText {
    private static let indent = "  "
    private var output: [String] = []
    private var lines: ArraySlice<Substring>

    static func rendered(_ markdown: String) -> String {
        var text = MarkdownText(
            lines: markdown.split(separator: "\n", omittingEmptySubsequences: false)[...])
        return text.render()
    }

    private init(lines: ArraySlice<Substring>) { self.lines = lines }

    private mutating func render() -> String {
        while let line = lines.first {
            if line.isEmpty || line.hasPrefix("<!--") {
                lines.removeFirst()
            } else if line.hasPrefix("#") {
                lines.removeFirst()
                addHeading(line)
            } else if line.hasPrefix("```") {
                lines.removeFirst()
                output.append(code())
            } else if line.hasPrefix("|") {
                output.append(MarkdownTable(rows: take { $0.hasPrefix("|") }).text)
            } else if Self.marker(of: line) != nil {
                output.append(list())
            } else {
                output.append(HelpLayout.wrapped(Self.indent + Self.inline(paragraph()), indent: 2))
            }
        }
        return output.joined(separator: "\n\n") + "\n"
    }

    private mutating func addHeading(_ line: Substring) {
        let title = Self.inline(line.drop { $0 == "#" }.drop { $0 == " " })
        output.append(line.hasPrefix("##") ? title : title.uppercased())
    }

    private mutating func take(while condition: (Substring) -> Bool) -> [Substring] {
        let taken = lines.prefix(while: condition)
        lines = lines.dropFirst(taken.count)
        return Array(taken)
    }

    private mutating func code() -> String {
        let code = take { !$0.hasPrefix("```") }
        lines = lines.dropFirst()
        return code.map { $0.isEmpty ? "" : "      " + $0 }.joined(separator: "\n")
    }

    private mutating func paragraph() -> Substring {
        Substring(take { !$0.isEmpty && !$0.hasPrefix("```") && !$0.hasPrefix("|") }.joined(separator: " "))
    }

    /// The items of a list, each with its continuation lines.
    private mutating func list() -> String {
        var items: [String] = []
        while let line = lines.first, let marker = Self.marker(of: line) {
            lines.removeFirst()
            let more = take { $0.hasPrefix("  ") }.map { $0.drop { $0 == " " } }
            let text = ([line.dropFirst(marker.count)] + more).joined(separator: " ")
            items.append(
                HelpLayout.wrapped(
                    Self.indent + marker + Self.inline(Substring(text)), indent: 2 + marker.count))
        }
        return items.joined(separator: "\n")
    }

    /// The beginning of a list item: `- ` or `1. `.
    private static func marker(of line: Substring) -> String? {
        if line.hasPrefix("- ") { return "- " }
        let number = line.prefix { $0.isNumber }
        return !number.isEmpty && line.dropFirst(number.count).hasPrefix(". ") ? number + ". " : nil
    }

    /// Replaces links and bold text.
    static func inline(_ text: Substring) -> String {
        var result = ""
        var rest = text
        while let character = rest.first {
            if character == "`", let end = rest.dropFirst().firstIndex(of: "`") {
                result += rest[...end]
                rest = rest[rest.index(after: end)...]
            } else if rest.hasPrefix("<https://"), let end = rest.firstIndex(of: ">") {
                result += rest[..<end].dropFirst()
                rest = rest[rest.index(after: end)...]
            } else if rest.hasPrefix("**") {
                rest = rest.dropFirst(2)
            } else if character == "[", let link = Link(rest) {
                result += link.description
                rest = link.rest
            } else {
                result.append(character)
                rest = rest.dropFirst()
            }
        }
        return result
    }

    /// A link at the beginning of a text: `[text](address)`.
    private struct Link: CustomStringConvertible {
        let text: Substring
        let address: Substring
        let rest: Substring

        init?(_ line: Substring) {
            guard let bracket = line.firstIndex(of: "]"), line[bracket...].hasPrefix("]("),
                let end = line[bracket...].firstIndex(of: ")")
            else { return nil }
            text = line[line.index(after: line.startIndex)..<bracket]
            address = line[bracket..<end].dropFirst(2)
            rest = line[line.index(after: end)...]
        }

        var description: String {
            let file = address.prefix { $0 != "#" }
            if file.hasSuffix(".md"), !file.contains("/") {
                let topic = file.dropLast(3)
                let isName = text.lowercased().map { $0 == " " ? "-" : $0 } == Array(topic)
                return isName ? "`spacesync help \(topic)`" : "\(text) (`spacesync help \(topic)`)"
            }
            if file.hasPrefix("../") { return String(text) }
            return text == address ? String(text) : "\(text) (\(address))"
        }
    }
}
