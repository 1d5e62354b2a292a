import DockerSyntax
import TextTools

/// The dependencies of a Python project, and the requirements of their installation.
struct PythonDependencies {
    /// Normalised names: lower case with dashes (PEP 503).
    private(set) var names: Set<String> = []
    /// Whether a server is included: uvicorn, or FastAPI with its server (`fastapi[standard]`).
    private(set) var hasServer = false
    /// Whether a dependency is installed from a Git repository.
    private(set) var needsGit = false
    /// Whether the installation needs other files of the source.
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
        let includesServer = line.lowercased().split(separator: "]").first.map {
            $0.containsUTF8("[standard") || $0.containsUTF8("[all")
        }
        hasServer = hasServer || name.text == "uvicorn" || (name.text == "fastapi" && includesServer == true)
    }

    func contains(_ name: String) -> Bool { names.contains(name) }

    /// The dependencies in a `pyproject.toml`. Parsed by lines: only the usual forms matter here.
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
                } else if let equalsSign = line.firstIndex(of: "=") {
                    let (key, value) = (
                        line[..<equalsSign].trimmed, line[line.index(after: equalsSign)...].trimmed
                    )
                    isInList = parse(key, value, in: section)
                }
            }
            let sourceMarkers = ["dynamic", "workspace", "path =", "path=", "file:"]
            if sourceMarkers.contains(where: text.containsUTF8) { dependencies.requireSource() }
            if text.containsUTF8("git+") || text.containsUTF8("git =") { dependencies.requireGit() }
        }

        /// - Returns: whether the list continues in the next line.
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

        /// Returns the quoted strings.
        private static func strings(_ text: String) -> [String] { parts(text).inside }
        private static func outside(_ text: String) -> String { parts(text).outside }

        private static func parts(_ text: String) -> (inside: [String], outside: String) {
            var (inside, outside, open): ([String], String, (quote: Character, text: String)?) = ([], "", nil)
            for character in text {
                // Only the quote is copied out: a second reference to the text would cause a copy
                // at each character.
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
