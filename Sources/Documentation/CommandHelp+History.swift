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
