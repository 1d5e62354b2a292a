import DockerSyntax
import TextTools

/// The packages that a Python project names, and what installing them takes.
struct PythonDependencies {
    /// In lower case with dashes (PEP 503).
    private(set) var names: Set<String> = []
    /// FastAPI brings its server along: `fastapi[standard]`.
    private(set) var hasServer = false
    /// Something comes out of a Git repository.
    private(set) var needsGit = false
    /// Other files of the source take part in installing.
    private(set) var needsSource = false

    init() {}

    init(requirements lines: [Substring]) {
        for line in lines.map(\.trimmed) where !line.isEmpty && !line.hasPrefix("#") { add(line) }
    }

    mutating func add(_ line: String) {
        needsGit = needsGit || line.containsUTF8("git+")
        let isOption = ["-r", "-c", "-e", "--requirement", "--constraint", "--editable"].contains {
            line.hasPrefix($0)
        }
        let isPath = line.hasPrefix(".") || line.hasPrefix("/") || line.containsUTF8("file:")
        needsSource = needsSource || isOption || isPath
        let name = line.utf8.prefix { $0.isWord || $0 == .dash || $0 == .dot }.map { byte in
            byte == .underscore || byte == .dot ? UInt8.dash : byte.lowered
        }
        guard !name.isEmpty, name.first != .dash else { return }
        names.insert(name.text)
        let isServed = line.lowercased().split(separator: "]").first.map {
            $0.containsUTF8("[standard") || $0.containsUTF8("[all")
        }
        hasServer = hasServer || name.text == "uvicorn" || (name.text == "fastapi" && isServed == true)
    }

    func contains(_ name: String) -> Bool { names.contains(name) }

    /// `pyproject.toml`, as far as these questions go: read by lines, for only its usual forms are of use.
    struct Manifest {
        private(set) var dependencies = PythonDependencies()
        private(set) var requiresPython: String?
        private(set) var isProject = false
        private(set) var isPoetry = false

        init(_ text: String) {
            var (section, isInList) = ("", false)
            for line in text.split(separator: "\n").map(\.trimmed) where !line.hasPrefix("#") {
                if isInList {
                    isInList = addList(line)
                } else if line.hasPrefix("["), let end = line.firstIndex(of: "]") {
                    section = line[..<end].filter { !"[] \"".contains($0) }
                    isProject = isProject || section == "project"
                    isPoetry = isPoetry || section == "tool.poetry.dependencies"
                } else if let sign = line.firstIndex(of: "=") {
                    let (key, value) = (line[..<sign].trimmed, line[line.index(after: sign)...].trimmed)
                    isInList = parse(key, value, in: section)
                }
            }
            let tied = ["dynamic", "workspace", "path =", "path=", "file:"]
            if tied.contains(where: text.containsUTF8) { dependencies.requireSource() }
            if text.containsUTF8("git+") || text.containsUTF8("git =") { dependencies.requireGit() }
        }

        /// - Returns: whether a list goes on in the next line.
        private mutating func parse(_ key: String, _ value: String, in section: String) -> Bool {
            switch (section, key) {
            case ("project", "requires-python"): requiresPython = Self.strings(value).first
            case ("project", "dependencies"): return addList(value)
            case ("tool.poetry.dependencies", "python"): requiresPython = Self.strings(value).first
            case ("tool.poetry.dependencies", _):
                dependencies.add(key + (value.containsUTF8("standard") ? "[standard]" : ""))
            default: break
            }
            return false
        }

        private mutating func addList(_ line: String) -> Bool {
            for text in Self.strings(line) { dependencies.add(text) }
            return !Self.outside(line).contains("]")
        }

        /// What stands in quotes.
        private static func strings(_ text: String) -> [String] { parts(text).inside }
        private static func outside(_ text: String) -> String { parts(text).outside }

        private static func parts(_ text: String) -> (inside: [String], outside: String) {
            var (inside, outside, open): ([String], String, (quote: Character, text: String)?) = ([], "", nil)
            for character in text {
                // Only the quote is taken out: a second reference to the text would copy it at each character.
                if let quote = open?.quote {
                    if character != quote {
                        open?.text.append(character)
                    } else {
                        inside.append(open?.text ?? "")
                        open = nil
                    }
                } else if character == "\"" || character == "'" {
                    open = (character, "")
                } else if character == "#" {
                    break
                } else {
                    outside.append(character)
                }
            }
            return (inside, outside)
        }
    }

    fileprivate mutating func requireSource() { needsSource = true }
    fileprivate mutating func requireGit() { needsGit = true }
}
