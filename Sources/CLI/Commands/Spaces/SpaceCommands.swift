extension Command {
    /// The commands that manage Spaces on the Hub.
    static let spaceCommands: [Command] = [
        list, status, logs, metrics,
        restart, pause, hardware, sleepTime, visibility, devMode, secrets, variables, volumes,
        create, delete, duplicate, move,
    ]
}

extension Flag {
    /// The flags that all of these commands accept.
    static let spaceCommand = [config, tokenFile]
}
