/// The help text of one command.
package struct CommandHelp: Hashable, Sendable {
    package let name: String
    /// The group of the command in the list of all commands.
    package let group: Group
    /// The arguments, as help shows them: `[SPACE…]`.
    package let synopsis: String
    /// One line of at most 50 characters, for the list of all commands.
    package let summary: String
    /// Text below the summary in `help COMMAND`; may be empty. Each line is a paragraph that help wraps.
    package let details: String
    /// Command lines, without `spacesync`.
    package let examples: [String]

    /// A heading in the list of all commands.
    package enum Group: String, CaseIterable, Sendable {
        case deploy = "Deploy"
        case inspect = "Inspect"
        case manage = "Manage a Space"
        case unattended = "Unattended"
        case local = "Local"
    }

    init(
        name: String, _ group: Group, synopsis: String, summary: String, details: String = "",
        examples: [String] = []
    ) {
        (self.name, self.group, self.synopsis) = (name, group, synopsis)
        (self.summary, self.details, self.examples) = (summary, details, examples)
    }
}

extension CommandHelp {
    package static let check = CommandHelp(
        name: "check", .deploy, synopsis: "[SPACE…]",
        summary: "find problems before a push, without the Hub",
        details: """
            Checks what the Hub would refuse, what would not build, and credentials in files. Needs no token \
            and sends no request to the Hub. A source behind a URL is fetched, and an LFS server is asked for \
            files that are missing here.
            Without SPACE: all Spaces in the settings that are not manual. Without settings: this repository.
            Exit codes: 6 if the Hub would refuse the files or they would not build, 9 for credentials in \
            files, 0 if there are only warnings.
            """,
        examples: ["check", "check owner/name --branch main"])

    package static let doctor = CommandHelp(
        name: "doctor", .inspect, synopsis: "[SPACE…]",
        summary: "check tokens, rights, subscription and network",
        details: """
            Checks this machine, the Hub, every configured token, and the Spaces. Without SPACE: all Spaces in \
            the settings. Each line says good, or what to do. Nothing is changed.
            The exit code is that of the most severe problem. Warnings do not count.
            """)

    package static let drift = CommandHelp(
        name: "drift", .deploy, synopsis: "SPACE",
        summary: "show edits made on the Space since the last deploy",
        details: """
            A public Space needs no token. Exits 0 with or without edits. In scripts, use plan --exit-code.
            To apply the edits to your working tree, run this at its root:
              spacesync drift owner/name --patch | git apply
            The patch does not undo your newer changes. If both sides changed a file, use git apply -3.
            """)

    package static let export = CommandHelp(
        name: "export", .deploy, synopsis: "SPACE DIR",
        summary: "write to DIR the files that a push would send",
        details: """
            Without --force, DIR must be new or empty. A public Space needs no token.
            To build the result: docker build "$(spacesync export owner/name out)"
            """)

    package static let initialize = CommandHelp(
        name: "init", .deploy, synopsis: "[SPACE]",
        summary: "create a .spacesync file for this repository",
        details: """
            Suggests settings from the branches, the Dockerfile, hf/ and the README. Flags become lines of the \
            file. On a terminal it asks for the Space, and again before it writes the file. \
            Elsewhere, or with -y, give the Space as an argument.
            """,
        examples: ["init owner/name", "init owner/name --branch main --exclude docs/"])

    package static let mirror = CommandHelp(
        name: "mirror", .unattended, synopsis: "[SPACE…]",
        summary: "deploy all Spaces of the settings, for cron",
        details: """
            Each run is called a pass. A pass pushes all Spaces first, several at a time (the setting jobs). \
            Then it watches all builds under one deadline. If nothing changed, the pass makes no commit and \
            prints nothing outside a terminal.
            Only one pass runs at a time. A second one exits with 75 and names the running process. With \
            --wait it waits.
            The .spacesync file of a source affects only Spaces that your own settings name.
            Variables, secrets and hardware are compared with the settings in three cases: the settings \
            changed, there is something to push, or the interval of the setting reconcile (6h) is over.
            If an account has few requests left, its Spaces wait for the next window of the rate limit. If \
            that takes too long, these Spaces are skipped (exit code 75) and come first in the next pass. The \
            same applies to an owner's Spaces after 120 commits to them within an hour.
            With --every, the process keeps running. SIGHUP starts a pass now. On SIGTERM it exits when the Hub \
            has responded to the running pushes (0 between two passes, 130 during a pass). It does not wait for \
            builds. It supports systemd's Type=notify and WatchdogSec.
            With --health, GET /healthz returns 200 while passes run on time and the settings are readable, \
            otherwise 503 with the reason. GET /metrics returns the metrics.
            """,
        examples: ["mirror --config ~/spaces.conf", "mirror --every 5m --health 9464"])

    package static let push = CommandHelp(
        name: "push", .deploy, synopsis: "[SPACE…]",
        summary: "deploy a branch to Spaces and follow the builds",
        details: """
            Without SPACE: all Spaces in the settings that are not manual. Without settings, give the Space. \
            The default branch is the current one.
            """,
        examples: [
            "push owner/name --branch main --create", "push", "push owner/name --dry-run",
        ])

    package static let plan = CommandHelp(
        name: "plan", .deploy, synopsis: "[SPACE…]",
        summary: "show what a push would change, without pushing",
        details: """
            Lists each file that a push would change. With -v it also shows where each setting comes from. A \
            public Space needs no token.
            If the Hub or a guard would refuse the push, it exits with 6 or 9, as the push does. A missing \
            Space and a missing confirmation are only warnings. --force skips guards here, too.
            """,
        examples: ["plan owner/name --branch main", "plan owner/name --diff"])

    package static let verify = CommandHelp(
        name: "verify", .inspect, synopsis: "SPACE",
        summary: "send the configured probes to the running app",
        details: """
            The setting is: probe = METHOD PATH [STATUS] [body=FILE] [contains=TEXT]. It is repeatable. Without \
            STATUS, any 2xx or 3xx is accepted. FILE is a file of the source. Put TEXT with spaces in single \
            quotes.
            Each push that follows the build sends the same probes once the app is running, even if there was \
            nothing to push. mirror sends them after a push, or if the previous pass was not successful.
            Until --timeout, no response, or 408, 429, 502, 503 or 504, means that the app is still starting. \
            Other wrong responses are retried for 30 seconds, 401 and 403 not at all.
            The Hub token is not sent to an app unless you name it. For a private Space the Hub requires a \
            token. Set one in your own settings (git config):
              probeHeader = Authorization: Bearer env:NAME
            It is sent to no other origin.
            """)

    package static let watch = CommandHelp(
        name: "watch", .inspect, synopsis: "SPACE",
        summary: "follow the current build until the app runs",
        details: "Sends no probes. To send them, use verify.")

    package static let hook = CommandHelp(
        name: "hook", .unattended, synopsis: "run | install [DIR] | uninstall [DIR] | status [DIR]",
        summary: "deploy what is pushed to a Git server",
        details: """
            install adds a post-receive hook to the repository in DIR (default: the current one). An existing \
            hook is kept and called first. It also allows push options, as in `git push -o spacesync.skip`, \
            unless receive.advertisePushOptions is set. uninstall undoes both.
            status shows which branches deploy to which Spaces, and the results of the last deploys.
            run is what the hook calls. It reads `OLD NEW REF` lines from standard input and deploys the Spaces \
            whose branch was pushed. It always exits 0, so a failed deploy never fails the push.
            Options for git push -o:
              spacesync.skip: do not deploy
              spacesync.plan: show what would change
              spacesync.nowait: do not follow the build
              spacesync.force: skip the guards drift, deletes and adopt, or the given ones \
            (spacesync.force=drift), unless spacesync.allowForce is false
            """,
        examples: ["hook install /srv/git/web.git", "hook status /srv/git/web.git"])

    package static let history = CommandHelp(
        name: "history", .inspect, synopsis: "SPACE",
        summary: "list the deploys of a Space, newest first",
        details: """
            Each deploy has two numbers: how many deploys ago it was, and its permanent number (v12). rollback \
            accepts both.
            The outcome is what this machine saw, otherwise what the next deploy recorded, otherwise what the \
            stage shows: ran (it was RUNNING and its probes passed), failed, rolled back or unknown.
            The source is not read. A public Space needs no token.
            """)

    package static let promote = CommandHelp(
        name: "promote", .deploy, synopsis: "FROM TO",
        summary: "copy the files that run on FROM to Space TO",
        details: """
            Copies the commit that runs on FROM, which may not be its newest, as one commit on TO. The commit \
            names the same source as that of FROM. Large files are included. The README card of TO is kept.
            All files are copied, except to paths that the setting keep of TO names. Other settings of TO that \
            select or change files are not used. The variables, secrets and hardware of TO stay the same.
            """)

    package static let rollback = CommandHelp(
        name: "rollback", .deploy, synopsis: "SPACE [N | vN | --to COMMIT]",
        summary: "restore an earlier deploy, as a new commit",
        details: """
            vN is the permanent number of a deploy. N is how many deploys ago it was. spacesync history shows \
            both. Without a number: the newest earlier deploy that has other files, did not fail and was not \
            rolled back.
            The source is not read, and no history is rewritten. Secrets, variables and hardware stay the same.
            The source commit that was rolled back is not deployed again until the branch points to another \
            commit. To deploy it anyway, use push --force=rollback.
            """,
        examples: ["rollback owner/name", "rollback owner/name v12"])

    package static let cache = CommandHelp(
        name: "cache", .local, synopsis: "[clear]",
        summary: "show or clear the local cache",
        details: """
            The cache makes the next deploy faster. You can delete it at any time. If it is larger than 2 GiB, \
            the least recently used entries are removed automatically.
            Its path is the setting [spacesync] cache, by default ~/.cache/spacesync.
            """)

    package static let demo = CommandHelp(
        name: "demo", .local, synopsis: "",
        summary: "run a complete deploy on a local test Hub",
        details: "Needs no account and no network. Removes its files at the end.")

    package static let help = CommandHelp(
        name: "help", .local, synopsis: "[COMMAND|TOPIC|KEY]",
        summary: "list all commands, or describe one",
        details: "Also describes the topics of the reference, and the keys of the settings.",
        examples: ["help push", "help exit-codes", "help settings.branch"])

    package static let hub = CommandHelp(
        name: "hub", .local, synopsis: "[--port N] [--root DIR]",
        summary: "run a local test Hub with simulated builds",
        details: """
            The first line of standard output is the URL of the Hub: set HF_ENDPOINT to it. Git is real. Builds \
            and apps are simulated.
            Any token has write access as user `me`. Exceptions: hf_read… has read access, hf_expired… and \
            hf_wrong… are refused, and --token defines others.
            Spaces are stored in DIR. Without --root they are stored in a temporary directory, which is removed \
            at the end.
            To upload binary files with hf, set HF_HUB_DISABLE_XET=1.
            A pushed file .hub.json controls the simulation:
              {"build": {"fail": "pip install"}}
                The instruction that contains this text fails.
              {"build": {"seconds": 60}}
                The build takes 60 seconds.
              {"build": {"fail": "RUN", "log": ["…"]}}
                The first instruction that contains RUN prints these lines and fails.
              {"start": {"exit": 1, "log": ["…"]}}
                The app prints these lines and exits with this code.
              {"app": {"/health": [{"status": 503}, {"status": 200, "body": "ok"}]}}
                The responses of /health, one per request. The last one is repeated.
            """)
}
