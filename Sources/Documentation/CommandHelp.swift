/// The help text of one command.
package struct CommandHelp: Hashable, Sendable {
    package let name: String
    /// The arguments, as help shows them: `[SPACE…]`.
    package let synopsis: String
    /// One line, for the list of all commands.
    package let summary: String
    /// Paragraphs below the summary in `help COMMAND`; may be empty.
    package let details: String

    init(name: String, synopsis: String, summary: String, details: String = "") {
        (self.name, self.synopsis, self.summary, self.details) = (name, synopsis, summary, details)
    }
}

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

extension CommandHelp {
    package static let history = CommandHelp(
        name: "history", synopsis: "SPACE",
        summary: "the deploys of a Space so far, newest first",
        details: """
            Each deploy has two numbers: how many deploys back it is, and its permanent number (v12). rollback takes both.
            The outcome is what this machine saw, else what the next deploy recorded, else what the stage shows: ran (it
            was RUNNING and its probes passed), failed, rolled back or unknown. No source is asked, and a public Space needs
            no token.
            """)

    package static let promote = CommandHelp(
        name: "promote", synopsis: "FROM TO",
        summary: "gives the Space TO the tree that runs on FROM, below TO's own card",
        details: """
            One commit, with the source that FROM tells; large files go along. What selects or shapes files in TO's settings
            is not asked: the tree is taken whole. TO's variables, secrets and hardware are its own.
            """)

    package static let rollback = CommandHelp(
        name: "rollback", synopsis: "SPACE [N | vN | --to COMMIT]",
        summary: "puts back the tree of an earlier deploy, as a new commit",
        details: """
            vN is the permanent number of a deploy, N how many deploys back it is (spacesync history shows both). Without:
            the newest earlier deploy that was not rolled back, has other files and did not fail. No source is asked, and
            nothing is rewritten. The source commit that was rolled back is held back until the source moves, or is
            deployed again by push --force=rollback. Secrets, variables and hardware stay as they are.
            """)
}

extension CommandHelp {
    package static let cache = CommandHelp(
        name: "cache", synopsis: "[clear]",
        summary: "what is kept of sources and Spaces; clear removes it",
        details: """
            What is kept makes the next deploy quicker; without it it is only slower. The stores that were
            used the longest ago go by themselves when all of them take more than 2 GiB. Where it lies:
            [spacesync] cache, else ~/.cache/spacesync.
            """)

    package static let demo = CommandHelp(
        name: "demo", synopsis: "",
        summary: "the main job on a local Hub: from an empty machine to a running Space, and cleans up")

    package static let help = CommandHelp(
        name: "help", synopsis: "[COMMAND]",
        summary: "what there is, or all about one command")

    package static let hub = CommandHelp(
        name: "hub", synopsis: "[--port N] [--root DIR]",
        summary: "a Hub on this machine, to rehearse deploys: real Git, builds are played, not run",
        details: """
            Its first line on standard output is its URL: set HF_ENDPOINT to it. Any token writes as user `me`,
            except hf_read… (reads only), hf_expired… and hf_wrong… (refused), and what --token says.
            Its Spaces live in DIR; without --root in a directory that goes with it.
            The client hf uploads binaries to it with HF_HUB_DISABLE_XET=1.
            A file .hub.json in what is pushed says how its build and app are played:
              {"build": {"fail": "pip install"}}     the instruction that holds this text fails
              {"build": {"seconds": 60}}             a long build
              {"build": {"fail": "RUN", "log": ["…"]}}   and says this
              {"start": {"exit": 1, "log": ["…"]}}   the app says this, and ends with this code
              {"app": {"/health": [{"status": 503}, {"status": 200, "body": "ok"}]}}   what it answers, in turn
            """)
}
