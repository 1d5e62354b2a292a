extension GitFolder {
    /// Runs `git` anywhere, as `git(_:)` does.
    @discardableResult package static func git(_ arguments: [String], in directory: String) async throws
        -> String
    {
        try await runGit(arguments, in: directory, input: nil)
    }
}
