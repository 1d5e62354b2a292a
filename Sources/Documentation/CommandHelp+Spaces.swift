extension CommandHelp {
    package static let create = CommandHelp(
        name: "create", .manage, synopsis: "SPACE",
        summary: "create an empty Space, private by default",
        details: """
            Secrets and variables are set before the first build. The value of a secret cannot be given on \
            the command line. Paid hardware requires confirmation.
            """)

    package static let delete = CommandHelp(
        name: "delete", .manage, synopsis: "SPACE",
        summary: "delete a Space permanently",
        details: "Deletes its files, history, secrets and variables. Requires confirmation.")

    package static let devMode = CommandHelp(
        name: "dev-mode", .manage, synopsis: "SPACE [on|off]",
        summary: "turn dev mode on or off",
        details: """
            Dev mode requires a PRO or Team plan. While it is on, a push does not rebuild the Space.
            To open a shell in the container: hf spaces ssh SPACE
            """)

    package static let hardware = CommandHelp(
        name: "hardware", .manage, synopsis: "[SPACE [FLAVOUR]]",
        summary: "list hardware and prices; change that of a Space",
        details: """
            Prices come from the Hub and apply while the Space is running. A month has 30 days. More expensive \
            hardware than the present one requires confirmation.
            """)

    package static let list = CommandHelp(
        name: "list", .inspect, synopsis: "[OWNER…]",
        summary: "list the Spaces of all your accounts",
        details: """
            Without OWNER: the owners in HF_USERNAMES, the [account] sections and HF_USER. If there are none, \
            the user of the token and their organizations. Each owner is listed with the token for that owner. \
            An error of one account does not hide the others.
            """)

    package static let logs = CommandHelp(
        name: "logs", .inspect, synopsis: "SPACE",
        summary: "print the log of the app or of its build",
        details: """
            Prints the lines that the Hub has, and ends when no new line arrives for three seconds. The Hub \
            requires a token, even for a public Space.
            """,
        examples: ["logs owner/name -f", "logs owner/name --build -n 100"])

    package static let metrics = CommandHelp(
        name: "metrics", .inspect, synopsis: "SPACE…",
        summary: "show CPU, memory and network use of running apps",
        details: """
            On a terminal it updates one table every second. Elsewhere it prints one line per second and Space. \
            Ctrl-C ends it. The Hub requires a token, even for a public Space.
            """)

    package static let move = CommandHelp(
        name: "move", .manage, synopsis: "FROM TO",
        summary: "rename a Space or transfer it to another owner",
        details: "The URL of the app changes, too.")

    package static let duplicate = CommandHelp(
        name: "duplicate", .manage, synopsis: "FROM TO",
        summary: "copy a Space with files and variables",
        details: "Secrets are not copied.")

    package static let restart = CommandHelp(
        name: "restart", .manage, synopsis: "SPACE",
        summary: "restart a Space, from any stage")

    package static let pause = CommandHelp(
        name: "pause", .manage, synopsis: "SPACE",
        summary: "stop a Space until it is restarted",
        details: "A paused Space costs nothing.")

    package static let secrets = CommandHelp(
        name: "secrets", .manage, synopsis: "set|list|unset SPACE [NAME…]",
        summary: "manage secrets",
        details: """
            set accepts NAME (the value of the environment variable NAME), NAME=env:X, NAME=file:P or NAME=- \
            (standard input). A value cannot be given on the command line, and cannot be read back.
            Each change restarts a running Space.
            """,
        examples: ["secrets set owner/name API_KEY", "secrets set owner/name API_KEY=file:key.txt"])

    package static let sleepTime = CommandHelp(
        name: "sleep-time", .manage, synopsis: "SPACE TIME",
        summary: "set the idle time before a Space goes to sleep",
        details: """
            TIME is a time such as 1h or 3600 (seconds), or never.
            The Hub ignores TIME on cpu-basic, which sleeps after two days. Paid hardware that never sleeps, or \
            only after more than a week, costs money all the time and requires confirmation.
            """)

    package static let status = CommandHelp(
        name: "status", .inspect, synopsis: "[SPACE…]",
        summary: "show stage, source commit and price of Spaces",
        details: "Without SPACE: all Spaces in the settings. A public Space needs no token.")

    package static let variables = CommandHelp(
        name: "variables", .manage, synopsis: "set|list|unset SPACE [NAME=VALUE…]",
        summary: "manage variables (readable by all who see a Space)",
        details: """
            set accepts NAME=value, NAME (the value of the environment variable NAME), NAME=env:X, NAME=file:P \
            or NAME=- (standard input). A variable that already has this value is not set again.
            Each change restarts a running Space.
            """)

    package static let visibility = CommandHelp(
        name: "visibility", .manage, synopsis: "SPACE [V]",
        summary: "show or change who can see a Space",
        details: """
            V is public, private or protected. protected: everybody can see the app, only its owner can see the \
            files.
            A more visible Space requires confirmation. Before the change, all files of the newest commit are searched \
            for credentials. Older commits become readable, too, and are not searched.
            """)

    package static let volumes = CommandHelp(
        name: "volumes", .manage, synopsis: "set|list|unset SPACE [VOLUME…|MOUNT…]",
        summary: "mount buckets and repositories in the app",
        details: """
            A volume is hf://[models|datasets|spaces|buckets/]owner/name[@revision][/path]:/mount[:ro]. set \
            adds a volume, or replaces the one with the same mount path. unset accepts mount paths. Without a \
            mount path it removes all volumes and requires confirmation.
            """)
}
