/// How much of a Dockerfile is read. Real ones are far below: an image has at most some 125 layers.
package enum DockerfileLimit {
    /// Bytes of the file.
    package static let size = 1 << 20
    /// Bytes of one line; BuildKit itself refuses longer ones (moby/buildkit `bufio.MaxScanTokenSize`).
    package static let line = 65_535
    package static let instructions = 10_000
    package static let stages = 1_000
    /// Values that ENV and ARG set, each time counted.
    package static let variables = 10_000
    /// Bytes that the variables of one word expand to.
    package static let wordExpansion = 64 << 10
    /// Bytes that the variables of all words expand to.
    package static let totalExpansion = 4 << 20
    /// `${A:-${B:-…}}` within each other.
    package static let depth = 100
}

extension DockerProblem {
    /// A limit was exceeded: nothing else can be said of the Dockerfile.
    static func limit(_ reason: String, line: Int? = nil, _ fix: String) -> DockerProblem {
        DockerProblem(line: line, reason: reason, fix: fix)
    }
}
