extension Command {
    /// What was deployed so far, and the ways back to it.
    static let rollbackCommands: [Command] = [history, rollback, promote]
}
