extension FailurePattern {
    /// Node and npm.
    static let node: [FailurePattern] = [
        FailurePattern("cannot find module ", "cannot find package ") { at in
            guard
                let name = (at.text.after("cannot find module ") ?? at.text.after("cannot find package "))?
                    .quoted,
                name.utf8.count <= 200
            else { return nil }
            guard name.hasPrefix("/") || name.hasPrefix(".") else {
                return CauseCandidate(
                    cause: .nodeModule, why: "the Node module \(name) is not installed",
                    fix:
                        "npm install \(name) in the source (it belongs under dependencies), and RUN npm ci in the Dockerfile "
                        + "behind COPY package*.json")
            }
            guard name.contains("/node_modules/") else { return file(name, at) }
            return CauseCandidate(
                cause: .nodeModule, why: "\(name) is not in the image: a package was installed but not built",
                fix:
                    "build it in the Dockerfile before the app starts (npm run build, in a workspace the one of that package)"
            )
        },
        FailurePattern("enoent: no such file or directory") { at in
            if at.line.has("package.json"), at.line.has(anyOf: ["npm", "open"]) {
                return npm(
                    "npm finds no package.json where it runs",
                    "COPY package*.json ./ before RUN npm, and the right WORKDIR")
            }
            guard !at.line.isWarning, let path = at.text.after("directory")?.quoted else { return nil }
            return file(path, at).map {
                CauseCandidate(cause: $0.cause, why: $0.why, fix: $0.fix, confidence: .likely)
            }
        },
        FailurePattern("code eresolve", "eresolve could not", "eresolve unable") { _ in
            npm(
                "npm finds no versions that fit together",
                "npm install --legacy-peer-deps in the Dockerfile, or mend package.json", .conflict)
        },
        FailurePattern(
            "can only install with an existing package-lock", "are in sync", "npm ci` can only",
            "npm ci can only"
        ) { _ in
            npm(
                "npm ci wants a package-lock.json that fits package.json",
                "npm install in the source and commit package-lock.json (see that exclude does not leave it behind), or RUN npm install"
            )
        },
        FailurePattern("frozen-lockfile", "err_pnpm_no_lockfile", "err_pnpm_outdated_lockfile") { at in
            guard at.symptoms.isBuild, at.line.has(anyOf: ["error", "needs to be updated", "err_pnpm"]) else {
                return nil
            }
            return npm(
                "the lock file is missing or does not fit package.json",
                "install in the source once, commit the lock file, push again")
        },
        FailurePattern("missing script: ") { at in
            npm(
                "package.json has no script \(at.text.after("missing script: ")?.quoted ?? "of that name")",
                "add it, or mend the command that runs it")
        },
        FailurePattern("npm err! code e404", "npm error code e404", "npm error 404", "npm err! 404") { at in
            npm(
                "npm finds no such package or version",
                "look at the name and version in package.json; a private package needs a token at build time")
        },
        FailurePattern("javascript heap out of memory") { at in
            outOfMemory(at, "Node came to the end of its heap", .certain).with(
                fix: "ENV NODE_OPTIONS=--max-old-space-size=4096 before that step in the Dockerfile")
        },
    ]

    private static func npm(_ why: String, _ fix: String, _ cause: DiagnosedCause = .npm) -> CauseCandidate {
        CauseCandidate(cause: cause, why: why, fix: fix)
    }
}

extension CauseCandidate {
    func with(fix: String) -> CauseCandidate {
        CauseCandidate(cause: cause, why: why, fix: fix, confidence: confidence)
    }
}
