import TextTools

/// What BuildKit asks of each instruction's arguments and flags.
enum InstructionRules {
    /// The flags of the instructions that exist.
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
    /// BuildKit never looks at the flags of these.
    private static let uncheckedFlagKeywords: Set<String> = ["ARG", "STOPSIGNAL"]

    static func problems(of instruction: DockerInstruction) -> [DockerProblem] {
        guard let known = flags[instruction.keyword] else { return [unknown(instruction)] }
        let refused =
            uncheckedFlagKeywords.contains(instruction.keyword) ? [] : wrongFlags(instruction, known)
        return refused + [argumentProblem(instruction)].compactMap { $0 }
    }

    private static func unknown(_ instruction: DockerInstruction) -> DockerProblem {
        let name = instruction.keyword
        let near = nearest(name, among: keywords).map { "did you mean \($0)?" }
        let broken = "if it belongs to the instruction above, that line needs a \\ at its end"
        return DockerProblem(
            line: instruction.line, reason: "unknown instruction: \(name)", fix: near ?? broken)
    }

    private static func wrongFlags(_ instruction: DockerInstruction, _ known: [String]) -> [DockerProblem] {
        instruction.flags.filter { !known.contains($0.name) }.map { flag in
            let near = nearest(flag.name, among: known).map { "did you mean --\($0)?" }
            let isCommand = ["CMD", "ENTRYPOINT"].contains(instruction.keyword)
            let form = "write it as JSON: \(instruction.keyword) [\"--\(flag.name)\", \u{2026}]"
            return DockerProblem(
                line: instruction.line, reason: "unknown flag: \(flag.name)",
                fix: near ?? (isCommand ? form : "\(instruction.keyword) has no such flag"),
                isCertain: known.isEmpty || near != nil)
        }
    }

    private static func argumentProblem(_ instruction: DockerInstruction) -> DockerProblem? {
        guard let (reason, mend) = violation(instruction) else { return nil }
        return DockerProblem(line: instruction.line, reason: reason, fix: mend)
    }

    private static func violation(_ instruction: DockerInstruction) -> (String, String)? {
        let (keyword, arguments) = (instruction.keyword, instruction.arguments)
        switch keyword {
        case "FROM": return fromViolation(arguments)
        case "COPY", "ADD":
            if arguments.count < 2 {
                return (
                    "\(keyword) requires at least two arguments",
                    "write \(keyword) SOURCE \u{2026} DESTINATION"
                )
            }
            let isText = arguments.last.flatMap { Heredoc(word: $0.utf8) } != nil && instruction.json == nil
            return isText
                ? ("\(keyword) cannot accept a heredoc as a destination", "name a path behind it") : nil
        case "ENV", "LABEL", "ARG":
            let isEmpty = instruction.variables.isEmpty && instruction.text.isEmpty
            return isEmpty
                ? ("\(keyword) requires at least one argument", "write \(keyword) NAME=value") : nil
        case "EXPOSE", "VOLUME", "SHELL":
            if arguments.isEmpty {
                return ("\(keyword) requires at least one argument", "name it, or take the line out")
            }
            let isJSON = keyword != "SHELL" || instruction.json != nil
            return isJSON
                ? nil : ("SHELL requires the arguments to be in JSON form", "SHELL [\"/bin/bash\", \"-c\"]")
        case "USER", "WORKDIR", "STOPSIGNAL", "MAINTAINER":
            return arguments.isEmpty
                ? ("\(keyword) requires exactly one argument", "name it, or take the line out") : nil
        case "HEALTHCHECK": return healthcheckViolation(arguments)
        case "ONBUILD": return onbuildViolation(instruction)
        default: return nil
        }
    }

    private static func fromViolation(_ arguments: [String]) -> (String, String)? {
        if arguments.count == 3, arguments[1].lowercased() == "as" {
            let name = arguments[2].lowercased().utf8
            let isGood =
                name.first?.isLower == true
                && name.allSatisfy { $0.isLower || $0.isDigit || "-_.".utf8.contains($0) }
            return isGood
                ? nil
                : (
                    "invalid name for build stage: \(arguments[2])",
                    "begin it with a letter; then a-z 0-9 - _ ."
                )
        }
        guard arguments.count != 1 else { return nil }
        let comment = arguments.contains { $0.hasPrefix("#") }
        return (
            "FROM requires either one or three arguments",
            comment ? "a comment needs a line of its own" : "write FROM IMAGE, or FROM IMAGE AS NAME"
        )
    }

    private static func healthcheckViolation(_ arguments: [String]) -> (String, String)? {
        switch arguments.first?.uppercased() {
        case nil: ("HEALTHCHECK requires at least one argument", "write HEALTHCHECK CMD \u{2026}")
        case "NONE": arguments.count == 1 ? nil : ("HEALTHCHECK NONE takes no arguments", "take them out")
        case "CMD":
            arguments.count > 1 ? nil : ("missing command after HEALTHCHECK CMD", "name the command to run")
        default: ("unknown type \(arguments[0]) in HEALTHCHECK", "write HEALTHCHECK CMD \u{2026}")
        }
    }

    private static func onbuildViolation(_ instruction: DockerInstruction) -> (String, String)? {
        guard let trigger = instruction.triggers.first?.keyword else {
            return ("ONBUILD requires at least one argument", "name the instruction")
        }
        guard ["FROM", "MAINTAINER", "ONBUILD"].contains(trigger) else { return nil }
        return ("\(trigger) isn't allowed as an ONBUILD trigger", "take it out")
    }
}
