extension Clue {
    /// Node and npm.
    static let node: [Clue] = [
        Clue("cannot find module ", "cannot find package ") { at in
            guard
                let name = (at.text.after("cannot find module ") ?? at.text.after("cannot find package "))?
                    .quoted,
                name.utf8.count <= 200
            else { return nil }
            guard name.hasPrefix("/") || name.hasPrefix(".") else {
                return Explanation(
                    cause: .nodeModule, why: "the Node module \(name) is not installed",
                    mend:
                        "npm install \(name) in the source (it belongs under dependencies), and RUN npm ci in the Dockerfile "
                        + "behind COPY package*.json")
            }
            guard name.contains("/node_modules/") else { return file(name, at) }
            return Explanation(
                cause: .nodeModule, why: "\(name) is not in the image: a package was installed but not built",
                mend:
                    "build it in the Dockerfile before the app starts (npm run build, in a workspace the one of that package)"
            )
        },
        Clue("enoent: no such file or directory") { at in
            if at.line.has("package.json"), at.line.has(anyOf: ["npm", "open"]) {
                return npm(
                    "npm finds no package.json where it runs",
                    "COPY package*.json ./ before RUN npm, and the right WORKDIR")
            }
            guard !at.line.isWarning, let path = at.text.after("directory")?.quoted else { return nil }
            return file(path, at).map {
                Explanation(cause: $0.cause, why: $0.why, mend: $0.mend, weight: .likely)
            }
        },
        Clue("code eresolve", "eresolve could not", "eresolve unable") { _ in
            npm(
                "npm finds no versions that fit together",
                "npm install --legacy-peer-deps in the Dockerfile, or mend package.json", .conflict)
        },
        Clue(
            "can only install with an existing package-lock", "are in sync", "npm ci` can only",
            "npm ci can only"
        ) { _ in
            npm(
                "npm ci wants a package-lock.json that fits package.json",
                "npm install in the source and commit package-lock.json (see that exclude does not leave it behind), or RUN npm install"
            )
        },
        Clue("frozen-lockfile", "err_pnpm_no_lockfile", "err_pnpm_outdated_lockfile") { at in
            guard at.symptoms.isBuild, at.line.has(anyOf: ["error", "needs to be updated", "err_pnpm"]) else {
                return nil
            }
            return npm(
                "the lock file is missing or does not fit package.json",
                "install in the source once, commit the lock file, push again")
        },
        Clue("missing script: ") { at in
            npm(
                "package.json has no script \(at.text.after("missing script: ")?.quoted ?? "of that name")",
                "add it, or mend the command that runs it")
        },
        Clue("npm err! code e404", "npm error code e404", "npm error 404", "npm err! 404") { at in
            npm(
                "npm finds no such package or version",
                "look at the name and version in package.json; a private package needs a token at build time")
        },
        Clue("javascript heap out of memory") { at in
            memory(at, "Node came to the end of its heap", .sure).with(
                mend: "ENV NODE_OPTIONS=--max-old-space-size=4096 before that step in the Dockerfile")
        },
    ]

    private static func npm(_ why: String, _ mend: String, _ cause: Cause = .npm) -> Explanation {
        Explanation(cause: cause, why: why, mend: mend)
    }
}

extension Explanation {
    func with(mend: String) -> Explanation { Explanation(cause: cause, why: why, mend: mend, weight: weight) }
}
