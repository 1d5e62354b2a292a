extension CommandHelp {
    package static let check = CommandHelp(
        name: "check", synopsis: "[SPACE…]",
        summary: "what the Hub would refuse or fail to build, without asking it",
        details: """
            Needs no token and asks no Hub; a source behind a URL is fetched, and an LFS server asked for files
            that are not here. Without names: every Space of the settings that is not manual; without settings:
            this repository as it stands. Exits 6 for what would be refused or would not build, 9 for
            credentials in files, 0 when there are only warnings.
            """)

    package static let doctor = CommandHelp(
        name: "doctor", synopsis: "[SPACE…]",
        summary: "tokens, rights, plan, reachability, versions: each line says good, or what to do",
        details: """
            Looks at this machine, the Hub, every token in reach, and the named Spaces (without names: all of the
            settings). Changes nothing. Exits with the code of the gravest line; warnings are none.
            """)

    package static let drift = CommandHelp(
        name: "drift", synopsis: "SPACE",
        summary: "what the Space's side changed since the last deploy",
        details: """
            A public Space needs no token. Exits 0, with changes or without (plan --exit-code tells a script).
            At the top of the source's work tree: spacesync drift owner/name --patch | git apply
            The patch undoes nothing of the source; where both sides changed a file, git apply -3 takes it.
            """)

    package static let export = CommandHelp(
        name: "export", synopsis: "SPACE DIR",
        summary: "writes the tree that a push would send into a directory, to build or look at",
        details: """
            DIR must be new or empty. A public Space needs no token.
            docker build "$(spacesync export owner/name out)"
            """)

    package static let initialize = CommandHelp(
        name: "init", synopsis: "[SPACE]",
        summary: "writes a .spacesync that works for this repository",
        details: """
            Looks at the branches, the Dockerfile, hf/ and the README; flags become lines of the file.
            Asks on a terminal; elsewhere name the Space: spacesync init owner/name
            """)

    package static let mirror = CommandHelp(
        name: "mirror", synopsis: "[SPACE…]",
        summary: "one pass over all Spaces of the settings, for cron",
        details: """
            Pushes everything first, jobs at a time, then watches all together under one deadline. A pass over
            what has not changed makes no commit, and says nothing where nobody reads along. Passes never
            overlap: a second one ends with 75 and says who is at it (--wait waits).
            A .spacesync of a source counts as in a hook: for Spaces that your own side names.
            Variables, secrets and hardware are compared when the settings changed, with each push, and every
            reconcile (6h).
            Where the Hub takes few more requests or commits of an account, the rest waits for its next window, or
            for the next pass (75), which begins with it.
            --every stays: SIGHUP begins a pass at once; SIGTERM ends it when the pushes under way have their answer
            (0 between two passes, 130 within one). With --health, GET /healthz answers 200 while passes come and
            find settings that can be read, else 503 with why, and GET /metrics the numbers. systemd hears of it with
            Type=notify and WatchdogSec.
            """)

    package static let push = CommandHelp(
        name: "push", synopsis: "[SPACE…]",
        summary: "deploys a source branch to Spaces and follows their builds",
        details: """
            Without names: every Space of the settings that is not manual. Without settings:
            spacesync push owner/name --branch webai2hf:main
            """)

    package static let plan = CommandHelp(
        name: "plan", synopsis: "[SPACE…]",
        summary: "what a push would change, file by file; sends nothing",
        details: """
            A public Space needs no token. -v shows every setting with where it was written. Exits as the
            push would where it would be refused: 6 by the Hub, 9 by a guard (--force passes guards here, too).
            """)

    package static let verify = CommandHelp(
        name: "verify", synopsis: "SPACE",
        summary: "asks the running app what the target's probes say",
        details: """
            probe = METHOD PATH [STATUS] [body=FILE] [contains=TEXT] of the target, repeatable: any 2xx or 3xx without
            STATUS, FILE out of the source, TEXT in single quotes where it has blanks. A push asks the same once the Space
            runs, whether it had anything to push or not; mirror only where the pass before was not well. The app may take until --timeout to answer other than
            502, 503 or 504, and half a minute to answer rightly. The Hub token is never sent to an app. The Hub shows the
            app of a private Space only with a token: set one in your own settings (git config), as
            probeHeader = Authorization: Bearer env:NAME. It is sent to no other origin.
            """)

    package static let watch = CommandHelp(
        name: "watch", synopsis: "SPACE",
        summary: "follows the current build of a Space to its end")

    package static let hook = CommandHelp(
        name: "hook", synopsis: "run | install [DIR] | uninstall [DIR] | status [DIR]",
        summary: "deploys what is pushed to a repository on a server",
        details: """
            install writes a post-receive hook into the repository in DIR (or the one that you stand in), beside the
            hook that is there, and lets pushers say `-o spacesync.…`; uninstall takes both back. status tells which
            branches go where, and how the last deploys ended.
            run is what the hook calls: it reads `OLD NEW REF` lines from standard input and deploys the Spaces that
            are bound to the pushed branches. It never fails the push: it exits 0 whatever they come to.
            Who pushes may say git push -o OPTION: spacesync.skip (not this time), spacesync.plan (what would change),
            spacesync.nowait (does not follow the build), spacesync.force (passes the guards drift, deletes and adopt, or
            those named: spacesync.force=drift), unless spacesync.allowForce is false.
            """)
}
