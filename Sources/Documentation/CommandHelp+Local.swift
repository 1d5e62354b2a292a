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
