extension Command {
    /// What the Hub does with a Space when it is told to.
    static let spaceCommands: [Command] = [
        list, status, logs, metrics,
        restart, pause, hardware, sleepTime, visibility, devMode, secrets, variables, volumes,
        create, delete, duplicate, move,
    ]
}

extension Flag {
    /// What every verb takes besides its own.
    static let spaceCommand = [config, tokenFile]
}
