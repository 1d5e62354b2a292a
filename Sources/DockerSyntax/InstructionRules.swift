import TextTools

/// BuildKit's rules for the arguments and flags of each instruction.
enum InstructionRules {
    /// The flags of every instruction.
    private static let flags: [String: [String]] = [
        "ADD": ["chown", "chmod", "link", "keep-git-dir", "checksum", "unpack", "exclude", "parents"],
        "ARG": [], "CMD": [],
        "COPY": ["from", "chown", "chmod", "link", "parents", "exclude"],
        "ENTRYPOINT": [], "ENV": [], "EXPOSE": [], "FROM": ["platform"],
        "HEALTHCHECK": ["interval", "timeout", "start-period", "start-interval", "retries"],
        "LABEL": [], "MAINTAINER": [], "ONBUILD": [], "RUN": ["mount", "network", "security", "device"],
        "SHELL": [], "STOPSIGNAL": [], "USER": [], "VOLUME": [], "WORKDIR": [],
    ]
    static let keywords = flags.keys.sorted()
    /// Instructions whose flags BuildKit does not check.
    private static let uncheckedFlagKeywords: Set<String> = ["ARG", "STOPSIGNAL"]

    static func problems(of instruction: DockerInstruction) -> [DockerProblem] {
        guard let allowedFlags = flags[instruction.keyword] else { return [unknown(instruction)] }
        let flagProblems =
            uncheckedFlagKeywords.contains(instruction.keyword) ? [] : wrongFlags(instruction, allowedFlags)
        return flagProblems + [argumentProblem(instruction)].compactMap { $0 }
    }

    private static func unknown(_ instruction: DockerInstruction) -> DockerProblem {
        let name = instruction.keyword
        let suggestion = nearest(name, among: keywords).map { "did you mean \($0)?" }
        let continuationHint = "if it continues the instruction above, end that line with \\"
        return DockerProblem(
            line: instruction.line, reason: "unknown instruction: \(name)",
            fix: suggestion ?? continuationHint)
    }

    private static func wrongFlags(_ instruction: DockerInstruction, _ allowedFlags: [String])
        -> [DockerProblem]
    {
        instruction.flags.filter { !allowedFlags.contains($0.name) }.map { flag in
            let suggestion = nearest(flag.name, among: allowedFlags).map { "did you mean --\($0)?" }
            let isCommand = ["CMD", "ENTRYPOINT"].contains(instruction.keyword)
            let jsonForm = "use the JSON form: \(instruction.keyword) [\"--\(flag.name)\", \u{2026}]"
            return DockerProblem(
                line: instruction.line, reason: "unknown flag: \(flag.name)",
                fix: suggestion
                    ?? (isCommand ? jsonForm : "remove it: \(instruction.keyword) has no such flag"),
                isCertain: allowedFlags.isEmpty || suggestion != nil)
        }
    }

    private static func argumentProblem(_ instruction: DockerInstruction) -> DockerProblem? {
        guard let (reason, fix) = violation(instruction) else { return nil }
        return DockerProblem(line: instruction.line, reason: reason, fix: fix)
    }

    private static func violation(_ instruction: DockerInstruction) -> (String, String)? {
        let (keyword, arguments) = (instruction.keyword, instruction.arguments)
        switch keyword {
        case "FROM": return fromViolation(arguments)
        case "COPY", "ADD":
            if arguments.count < 2 {
                return (
                    "\(keyword) requires at least two arguments",
                    "use \(keyword) SOURCE \u{2026} DESTINATION"
                )
            }
            let isHeredoc =
                arguments.last.flatMap { Heredoc(word: $0.utf8) } != nil && instruction.json == nil
            return isHeredoc
                ? ("\(keyword) cannot accept a heredoc as a destination", "add a path after it") : nil
        case "ENV", "LABEL", "ARG":
            let isEmpty = instruction.variables.isEmpty && instruction.text.isEmpty
            return isEmpty
                ? ("\(keyword) requires at least one argument", "use \(keyword) NAME=value") : nil
        case "EXPOSE", "VOLUME", "SHELL":
            if arguments.isEmpty {
                return ("\(keyword) requires at least one argument", "add the argument, or remove the line")
            }
            let isJSON = keyword != "SHELL" || instruction.json != nil
            return isJSON
                ? nil
                : ("SHELL requires the arguments to be in JSON form", "use SHELL [\"/bin/bash\", \"-c\"]")
        case "USER", "WORKDIR", "STOPSIGNAL", "MAINTAINER":
            return arguments.isEmpty
                ? ("\(keyword) requires exactly one argument", "add the argument, or remove the line") : nil
        case "HEALTHCHECK": return healthcheckViolation(arguments)
        case "ONBUILD": return onbuildViolation(instruction)
        default: return nil
        }
    }

    private static func fromViolation(_ arguments: [String]) -> (String, String)? {
        if arguments.count == 3, arguments[1].lowercased() == "as" {
            let name = arguments[2].lowercased().utf8
            let isValid =
                name.first?.isLower == true
                && name.allSatisfy { $0.isLower || $0.isDigit || "-_.".utf8.contains($0) }
            return isValid
                ? nil
                : (
                    "invalid name for build stage: \(arguments[2])",
                    "start the name with a letter, followed by a-z 0-9 - _ ."
                )
        }
        guard arguments.count != 1 else { return nil }
        let hasComment = arguments.contains { $0.hasPrefix("#") }
        return (
            "FROM requires either one or three arguments",
            hasComment ? "put the comment on its own line" : "use FROM IMAGE, or FROM IMAGE AS NAME"
        )
    }

    private static func healthcheckViolation(_ arguments: [String]) -> (String, String)? {
        switch arguments.first?.uppercased() {
        case nil: ("HEALTHCHECK requires at least one argument", "use HEALTHCHECK CMD \u{2026}")
        case "NONE": arguments.count == 1 ? nil : ("HEALTHCHECK NONE takes no arguments", "remove them")
        case "CMD":
            arguments.count > 1 ? nil : ("missing command after HEALTHCHECK CMD", "add the command to run")
        default: ("unknown type \(arguments[0]) in HEALTHCHECK", "use HEALTHCHECK CMD \u{2026}")
        }
    }

    private static func onbuildViolation(_ instruction: DockerInstruction) -> (String, String)? {
        guard let trigger = instruction.triggers.first?.keyword else {
            return ("ONBUILD requires at least one argument", "add the instruction")
        }
        guard ["FROM", "MAINTAINER", "ONBUILD"].contains(trigger) else { return nil }
        return ("\(trigger) isn't allowed as an ONBUILD trigger", "remove it")
    }
}
