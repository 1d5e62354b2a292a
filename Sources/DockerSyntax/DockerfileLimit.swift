/// Limits on the size of a Dockerfile. Real files are far below them: an image has at most about
/// 125 layers.
package enum DockerfileLimit {
    /// Bytes of the file.
    package static let size = 1 << 20
    /// Bytes of one line; BuildKit refuses longer ones (moby/buildkit `bufio.MaxScanTokenSize`).
    package static let line = 65_535
    package static let instructions = 10_000
    package static let stages = 1_000
    /// The number of assignments by ENV and ARG, including repeated ones.
    package static let variables = 10_000
    /// Bytes that the variables of one word expand to.
    package static let wordExpansion = 64 << 10
    /// Bytes that the variables of all words expand to.
    package static let totalExpansion = 4 << 20
    /// The nesting depth of `${A:-${B:-…}}`.
    package static let depth = 100
}

extension DockerProblem {
    /// Returns the problem for an exceeded limit, after which the Dockerfile is not analysed
    /// further.
    static func limit(_ reason: String, line: Int? = nil, _ fix: String) -> DockerProblem {
        DockerProblem(line: line, reason: reason, fix: fix)
    }
}
