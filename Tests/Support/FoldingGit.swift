extension GitFolder {
    /// Runs `git` in any directory, with the environment of `git(_:)`.
    @discardableResult package static func git(_ arguments: [String], in directory: String) async throws
        -> String
    {
        try await runGit(arguments, in: directory, input: nil)
    }
}
