extension CommandHelp {
    package static let create = CommandHelp(
        name: "create", synopsis: "SPACE",
        summary: "makes an empty Space, private unless told otherwise",
        details: """
            Its secrets and variables are there before its first build. A secret's value never stands in the command
            line. Paid hardware needs a yes.
            """)

    package static let delete = CommandHelp(
        name: "delete", synopsis: "SPACE",
        summary: "deletes a Space for good: files, history, secrets, variables")

    package static let devMode = CommandHelp(
        name: "dev-mode", synopsis: "SPACE [on|off]",
        summary: "development in the running container, on or off",
        details: """
            It needs a PRO or Team plan. While it is on, a push does not rebuild the Space.
            To work inside: hf spaces ssh SPACE
            """)

    package static let hardware = CommandHelp(
        name: "hardware", synopsis: "[SPACE [FLAVOUR]]",
        summary: "what there is and costs, what a Space runs on, or what it shall run on",
        details: """
            Prices are the Hub's own, while the Space runs; a month has 30 days. What is dearer than the present
            hardware needs a yes.
            """)

    package static let list = CommandHelp(
        name: "list", synopsis: "[OWNER…]",
        summary: "the Spaces of all accounts in reach, and what they do",
        details: """
            Without owners: those of HF_USERNAMES, the [account] sections and HF_USER, else whoever the token is, with
            its organizations; each with the token that belongs to it. An account that fails hides no other.
            """)

    package static let logs = CommandHelp(
        name: "logs", synopsis: "SPACE",
        summary: "what the app wrote, or the build",
        details: """
            Gives the lines that the Hub has, and ends when none comes for three seconds. The Hub shows logs to nobody
            without a token.
            """)

    package static let metrics = CommandHelp(
        name: "metrics", synopsis: "SPACE…",
        summary: "CPU, memory and network of running apps, every second",
        details: """
            On a terminal one table that is refreshed; elsewhere a line each second for each Space. Ctrl-C ends it. The
            Hub shows it to nobody without a token.
            """)

    package static let move = CommandHelp(
        name: "move", synopsis: "FROM TO",
        summary: "gives a Space another name or owner, and its app another address")

    package static let duplicate = CommandHelp(
        name: "duplicate", synopsis: "FROM TO",
        summary: "copies a Space with its files and variables, not its secrets")

    package static let restart = CommandHelp(
        name: "restart", synopsis: "SPACE",
        summary: "restarts a Space, from any stage")

    package static let pause = CommandHelp(
        name: "pause", synopsis: "SPACE",
        summary: "stops a Space until it is restarted; paused costs nothing")

    package static let secrets = CommandHelp(
        name: "secrets", synopsis: "set|list|unset SPACE [NAME…]",
        summary: "what the app alone may read",
        details: """
            set takes NAME (the environment's of that name), NAME=env:X, NAME=file:P or NAME=- (standard input): a
            value never stands in the command line. Each change restarts the Space; nobody can read a value back.
            """)

    package static let sleepTime = CommandHelp(
        name: "sleep-time", synopsis: "SPACE TIME",
        summary: "after how long without a visit a Space goes to sleep (1h, 3600 or never)",
        details: """
            On cpu-basic the Hub does not heed it: free hardware sleeps after two days. A Space on paid hardware
            that never sleeps, or not within a week, costs money always: this needs a yes.
            """)

    package static let status = CommandHelp(
        name: "status", synopsis: "[SPACE…]",
        summary: "what runs where, from which source commit, at what price",
        details: "Without names: all Spaces of the settings. A public Space needs no token.")

    package static let variables = CommandHelp(
        name: "variables", synopsis: "set|list|unset SPACE [NAME=VALUE…]",
        summary: "what everybody may read, and the app has in its environment",
        details: """
            set takes NAME=value, NAME (the environment's), NAME=env:X, NAME=file:P or NAME=- (standard input). What
            is there already is not set again: each change restarts the Space.
            """)

    package static let visibility = CommandHelp(
        name: "visibility", synopsis: "SPACE [V]",
        summary: "who sees a Space, or who shall: public, private, protected",
        details: """
            protected: everybody sees the app, its owner alone the files. To show more than before needs a yes,
            and every file is searched for credentials first: the history becomes readable too.
            """)

    package static let volumes = CommandHelp(
        name: "volumes", synopsis: "set|list|unset SPACE [VOLUME…|MOUNT…]",
        summary: "buckets and repositories that the app sees as directories",
        details: """
            A volume is hf://[models|datasets|spaces|buckets/]owner/name[@revision][/path]:/mount[:ro]; set adds it, or
            replaces what is mounted there. unset takes mount paths; without one, all of them go, with a yes.
            """)
}
