import DockerSyntax
import GitPatterns
import SpacesModel
import TextTools

/// Checks `COPY`, `ADD` and bind mounts for sources that are not in the build context.
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
        var findings: [Finding] = []
        for index in dockerfile.stages.indices {
            for step in dockerfile.stages[index].steps {
                for source in sources(step) where findings.count < Self.maxFindings {
                    findings += missingSource(source, step)
                }
                if findings.count < Self.maxFindings {
                    findings += stageFindings(step.instruction, at: index)
                }
            }
        }
        return findings
    }

    /// Limits the output: a Dockerfile of 1 MiB could name half a million missing paths.
    private static let maxFindings = 1_000

    /// Returns the sources that are paths of the build context, as written.
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

    /// Returns the path in the build context of `--mount=type=bind,source=X`.
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
        let violation = isPattern ? globViolation(source.text, instruction) : pathViolation(source.text)
        guard let (reason, fix, isCertain) = violation else { return [] }
        return [
            Finding(
                isCertain && source.certainty == .certain ? .error : .warning, "Dockerfile",
                line: instruction.line, .copySource, "\(instruction.keyword) \(argument): \(reason)",
                fix: fix)
        ]
    }

    private typealias Violation = (reason: String, fix: String, isCertain: Bool)

    private func pathViolation(_ text: String) -> Violation? {
        // Without the backslashes that escape pattern characters.
        let path = Path(bytes: Path(text).cleaned.bytes.filter { $0 != .backslash })
        // It is not known whether the Hub builds in a clone, which would have a `.git`.
        guard path.names.first != ".git" else { return nil }
        switch context.status(path) {
        case .visible: return nil
        case .ignored: return ("excluded by .dockerignore", "add the line !\(path) to .dockerignore", true)
        case .missing:
            let suggestion = suggestions.nearest(path).map { "did you mean \($0)?" }
            return ("no such path in the tree", suggestion ?? "add it, or remove the line", true)
        }
    }

    /// Checks the directory before the first wildcard, which must exist. A pattern without a match
    /// is only a warning: BuildKit copies nothing.
    private func globViolation(_ text: String, _ instruction: DockerInstruction) -> Violation? {
        let names = Path(text).cleaned.names
        let isPlain = { (name: Path) in !name.bytes.contains { "*?[".utf8.contains($0) } }
        let literalPrefix = Path(joining: names.prefix(while: isPlain))
        if !literalPrefix.isRoot, let violation = pathViolation(literalPrefix.description) {
            return violation
        }
        let isRecursive = text.contains("**") && instruction.flag("parents") != nil
        guard !isRecursive, instruction.arguments.count < 3 else { return nil }
        guard context.status(Glob(Path(joining: names).bytes[...])) != .visible else { return nil }
        return (
            "matches nothing in the tree, so nothing is copied", "fix the pattern, or remove the line",
            false
        )
    }

    private func isRemote(_ source: String, _ instruction: DockerInstruction) -> Bool {
        guard instruction.keyword == "ADD" else { return false }
        let isGit = source.hasPrefix("git@") || source.hasPrefix("github.com/") || source.hasSuffix(".git")
        return isGit || source.contains("://") || source.contains(".git#")
    }

    /// Returns findings for a `--from` that matches no stage and does not look like an image.
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
        let commonStageNames = [
            "builder", "build", "deps", "dependencies", "base", "frontend", "backend", "stage",
        ]
        return [unknownStage(name, instruction, isCertain: commonStageNames.contains(name.lowercased()))]
    }

    private func unknownStage(_ name: String, _ instruction: DockerInstruction, isCertain: Bool) -> Finding {
        let suggestion = nearest(name, among: names).map { "did you mean \($0)?" }
        return Finding(
            isCertain || suggestion != nil ? .error : .warning, "Dockerfile", line: instruction.line,
            .copyStage,
            "COPY --from=\(name): no other stage has this name, so the build would pull it as an image",
            fix: suggestion ?? "add a stage (FROM IMAGE AS \(name)), or use the image name with its tag")
    }
}

/// The files and directories of the tree that `.dockerignore` leaves in the Docker build context.
struct BuildContext: Sendable {
    private let listing: FileListing
    private let visibleFiles: Set<Path>
    private let visibleDirectories: Set<Path>
    private let links: Set<Path>

    init(_ listing: FileListing, ignoring ignored: DockerIgnore) {
        self.listing = listing
        visibleFiles = Set(listing.files.keys.filter { !ignored.ignores($0) })
        let parentDirectories = Set(visibleFiles.flatMap { $0.levels.dropLast() })
        let listedDirectories = listing.directories.keys.filter { !ignored.ignores($0) }
        visibleDirectories = parentDirectories.union(listedDirectories).union([.root])
        // Paths below a symbolic link or submodule are not in the listing.
        links = Set(listing.files.filter { $0.value.kind == .symlink || $0.value.kind == .submodule }.keys)
    }

    enum PathStatus: Equatable {
        case visible
        /// In the tree, but excluded by `.dockerignore`.
        case ignored
        case missing
    }

    func status(_ path: Path) -> PathStatus {
        if visibleFiles.contains(path) || visibleDirectories.contains(path) { return .visible }
        if path.levels.dropLast().contains(where: links.contains) { return .visible }
        return listing.contains(path) ? .ignored : .missing
    }

    /// Returns the status of the paths that a pattern matches (Go's `filepath.Match` on complete
    /// paths).
    func status(_ glob: Glob) -> PathStatus {
        let matches = { (path: Path) in glob.matches(path.bytes) }
        if visibleFiles.contains(where: matches) || visibleDirectories.contains(where: matches) {
            return .visible
        }
        let isInTree =
            listing.files.keys.contains(where: matches) || listing.directories.keys.contains(where: matches)
        return isInTree ? .ignored : .missing
    }

    /// All visible paths, files first.
    var visiblePaths: [Path] { visibleFiles.sorted() + visibleDirectories.filter { !$0.isRoot }.sorted() }
}
