/// One instruction of a Dockerfile, with its continuation lines joined.
package struct DockerInstruction: Hashable, Sendable {
    /// Lines of the file, from 1; the last one counts heredocs in.
    package var line: Int
    package var lastLine: Int
    /// In capitals.
    package var keyword: String
    package var flags: [DockerFlag] = []
    /// As BuildKit splits them, with quotes and variables as written: words for FROM, COPY, ADD, EXPOSE and VOLUME, the
    /// items of a JSON form, else the one text behind the flags.
    package var arguments: [String] = []
    /// The items, when it is written as a JSON array.
    package var json: [String]?
    /// What ENV, LABEL and ARG name; an ARG may have no value.
    package var variables: [DockerVariable] = []
    package var heredocs: [Heredoc] = []
    /// What ONBUILD puts off: one, or none. Inside of a trigger always none: BuildKit refuses ONBUILD ONBUILD.
    package var triggers: [DockerInstruction] = []
    /// All behind the keyword and the flags.
    package var text: String = ""

    /// The value of a flag: `--from=builder` has `builder`, `--link` has nothing in it.
    package func flag(_ name: String) -> String? { flags.first { $0.name == name }.map { $0.value ?? "" } }
}

/// `--name=value` before the arguments of an instruction.
package struct DockerFlag: Hashable, Sendable {
    package var name: String
    package var value: String?
}

/// A name that ENV, LABEL or ARG gives a value, still with its quotes.
package struct DockerVariable: Hashable, Sendable {
    package var name: String
    package var value: String?
}

/// What BuildKit would refuse.
package struct DockerProblem: Error, Hashable, Sendable {
    package var line: Int?
    package var reason: String
    package var fix: String
    /// False where a newer BuildKit, or a variable of the Space, might make it good.
    package var isCertain = true
}
