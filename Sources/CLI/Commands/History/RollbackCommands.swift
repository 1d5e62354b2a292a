extension Command {
    /// The commands for the deploy history: listing it, rolling back, and promoting to another Space.
    static let rollbackCommands: [Command] = [history, rollback, promote]
}
