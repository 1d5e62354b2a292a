/// One instruction of a Dockerfile, with its continuation lines joined.
package struct DockerInstruction: Hashable, Sendable {
    /// Line numbers of the file, from 1; `lastLine` includes heredocs.
    package var line: Int
    package var lastLine: Int
    /// In upper case.
    package var keyword: String
    package var flags: [DockerFlag] = []
    /// As BuildKit splits them, with quotes and variables as written: words for FROM, COPY, ADD,
    /// EXPOSE and VOLUME, the items of a JSON form, otherwise the text after the flags as one
    /// argument.
    package var arguments: [String] = []
    /// The items if the instruction is written as a JSON array.
    package var json: [String]?
    /// The variables of ENV, LABEL and ARG; an ARG may have no value.
    package var variables: [DockerVariable] = []
    package var heredocs: [Heredoc] = []
    /// The instruction that ONBUILD defers; at most one. Empty inside a trigger: BuildKit refuses
    /// ONBUILD ONBUILD.
    package var triggers: [DockerInstruction] = []
    /// Everything after the keyword and the flags.
    package var text: String = ""

    /// Returns the value of a flag: `builder` for `--from=builder`, an empty string for `--link`,
    /// `nil` if it is missing.
    package func flag(_ name: String) -> String? { flags.first { $0.name == name }.map { $0.value ?? "" } }
}

/// `--name=value` before the arguments of an instruction.
package struct DockerFlag: Hashable, Sendable {
    package var name: String
    package var value: String?
}

/// A variable of ENV, LABEL or ARG, with the quotes as written.
package struct DockerVariable: Hashable, Sendable {
    package var name: String
    package var value: String?
}

/// An error that BuildKit would report.
package struct DockerProblem: Error, Hashable, Sendable {
    package var line: Int?
    package var reason: String
    package var fix: String
    /// False if a newer BuildKit or a variable of the Space might make it valid.
    package var isCertain = true
}
