import DockerSyntax
import GitPatterns
import SpacesModel
import TextTools

/// `COPY`, `ADD` and bind mounts of what the build cannot see.
struct CopyInstructionRules {
    private let dockerfile: Dockerfile
    private let context: BuildContext
    private let suggestions: Suggestions
    private let names: [String]
    private let knownNames: Set<String>

    init(_ dockerfile: Dockerfile, _ context: BuildContext) {
        (self.dockerfile, self.context) = (dockerfile, context)
        suggestions = Suggestions { context.visiblePaths }
        names = dockerfile.stages.compactMap(\.name)
        knownNames = Set(names)
    }

    var findings: [Finding] {
        var found: [Finding] = []
        for index in dockerfile.stages.indices {
            for step in dockerfile.stages[index].steps {
                for source in sources(step) where found.count < Self.maxFindings {
                    found += missingSource(source, step)
                }
                if found.count < Self.maxFindings { found += stageFindings(step.instruction, at: index) }
            }
        }
        return found
    }

    /// A Dockerfile of 1 MiB could name half a million paths that are not there.
    private static let maxFindings = 1_000

    /// The sources that are paths of the build context, as they are written.
    private func sources(_ step: DockerStep) -> [String] {
        let instruction = step.instruction
        switch instruction.keyword {
        case "COPY" where instruction.flag("from") == nil, "ADD":
            let heredocs = Set(instruction.json == nil ? instruction.heredocs.map(\.name) : [])
            return instruction.arguments.dropLast().filter { source in
                guard instruction.json == nil, let heredoc = Heredoc(word: source.utf8) else { return true }
                return !heredocs.contains(heredoc.name)
            }
        case "RUN": return instruction.flags.compactMap(Self.boundSource)
        default: return []
        }
    }

    /// What `--mount=type=bind,source=X` takes from the build context.
    private static func boundSource(_ flag: DockerFlag) -> String? {
        guard flag.name == "mount", let value = flag.value else { return nil }
        let fields = value.split(separator: ",").map {
            $0.split(separator: "=", maxSplits: 1).map(String.init)
        }
        func field(_ names: String...) -> String? {
            fields.first { $0.count == 2 && names.contains($0[0].lowercased()) }?[1]
        }
        guard (field("type") ?? "bind") == "bind", field("from") == nil else { return nil }
        return field("source", "src")
    }

    private func missingSource(_ argument: String, _ step: DockerStep) -> [Finding] {
        let instruction = step.instruction
        guard let source = step.expanded(argument), source.certainty > .unknown, !source.text.isEmpty,
            source.text.utf8.count <= Path.maxLength,
            !source.text.contains("\u{FFFD}"), !isRemote(source.text, instruction)
        else { return [] }
        let isPattern = instruction.keyword != "RUN" && source.text.utf8.contains { "*?[".utf8.contains($0) }
        let answer = isPattern ? globViolation(source.text, instruction) : pathViolation(source.text)
        guard let (reason, mend, isSure) = answer else { return [] }
        return [
            Finding(
                isSure && source.certainty == .certain ? .error : .warning, "Dockerfile",
                line: instruction.line, .copySource, "\(instruction.keyword) \(argument): \(reason)",
                fix: mend)
        ]
    }

    private typealias Violation = (reason: String, mend: String, isSure: Bool)

    private func pathViolation(_ text: String) -> Violation? {
        let path = Path(text).cleaned.unescaped
        // Whether the Hub builds in a clone is not known.
        guard path.names.first != ".git" else { return nil }
        switch context.status(path) {
        case .visible: return nil
        case .ignored: return (".dockerignore leaves it out", "take it back there with !\(path)", true)
        case .missing:
            let near = suggestions.nearest(path).map { "did you mean \($0)?" }
            return ("there is no such path in the tree", near ?? "add it, or take the line out", true)
        }
    }

    /// A pattern without a match copies nothing, which BuildKit takes; but the directory it begins with must be there.
    private func globViolation(_ text: String, _ instruction: DockerInstruction) -> Violation? {
        let names = Path(text).cleaned.names
        let isPlain = { (name: Path) in !name.bytes.contains { "*?[".utf8.contains($0) } }
        let fixed = Path(joining: names.prefix(while: isPlain))
        if !fixed.isRoot, let objection = pathViolation(fixed.description) { return objection }
        let crosses = text.contains("**") && instruction.flag("parents") != nil
        guard !crosses, instruction.arguments.count < 3 else { return nil }
        guard context.status(Glob(Path(joining: names).bytes[...])) != .visible else { return nil }
        return (
            "matches nothing in the tree, so nothing is copied", "mend the pattern, or take the line out",
            false
        )
    }

    private func isRemote(_ source: String, _ instruction: DockerInstruction) -> Bool {
        guard instruction.keyword == "ADD" else { return false }
        let isGit = source.hasPrefix("git@") || source.hasPrefix("github.com/") || source.hasSuffix(".git")
        return isGit || source.contains("://") || source.contains(".git#")
    }

    /// `--from` that names no stage and looks like no image.
    private func stageFindings(_ instruction: DockerInstruction, at index: Int) -> [Finding] {
        guard instruction.keyword == "COPY", let name = instruction.flag("from"), !name.contains("$") else {
            return []
        }
        if let number = Int(name) {
            return (0..<index).contains(number) ? [] : [unknownStage(name, instruction, isCertain: true)]
        }
        if dockerfile.stages[index].name == name.lowercased() {
            return [unknownStage(name, instruction, isCertain: true)]
        }
        guard !knownNames.contains(name.lowercased()), !name.contains(where: { "/:@.".contains($0) }) else {
            return []
        }
        let isUsual = ["builder", "build", "deps", "dependencies", "base", "frontend", "backend", "stage"]
        return [unknownStage(name, instruction, isCertain: isUsual.contains(name.lowercased()))]
    }

    private func unknownStage(_ name: String, _ instruction: DockerInstruction, isCertain: Bool) -> Finding {
        let near = nearest(name, among: names).map { "did you mean \($0)?" }
        return Finding(
            isCertain || near != nil ? .error : .warning, "Dockerfile", line: instruction.line, .copyStage,
            "COPY --from=\(name): no other stage has this name, so it would be fetched as an image",
            fix: near ?? "name a stage (FROM IMAGE AS \(name)), or the image with its tag")
    }
}

extension Path {
    /// Without the backslashes that keep a pattern's signs plain.
    fileprivate var unescaped: Path { Path(bytes: bytes.filter { $0 != .backslash }) }
}
