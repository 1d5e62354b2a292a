/// Failures of Node and its package managers.
enum NodeFailures {
    static let patterns: [FailurePattern] = [
        FailurePattern(
            .nodeModule, missingModule, when: [.value("name", "^/|^."), .value("name", "/node_modules/")],
            why: "{name} is not in the image: a package was installed but not built",
            fix: "build it in the Dockerfile before the app starts (npm run build; in a workspace, the build "
                + "of that package)"),
        PythonFailures.missingFile(
            "cannot find module '{path}'|cannot find package '{path}'",
            when: [.value("path", "^/|^.")]),
        FailurePattern(
            .nodeModule, missingModule, when: [.not(.value("name", "^/|^."))],
            why: "the Node module {name} is not installed",
            fix:
                "run npm install {name} in the source (it must be listed in dependencies), and RUN npm ci in the "
                + "Dockerfile after COPY package*.json"),
        FailurePattern(
            .npm, "enoent: no such file or directory", when: [.line("package.json"), .line("npm|open")],
            why: "npm does not find package.json in its working directory",
            fix: "add COPY package*.json ./ before RUN npm, and check WORKDIR"),
        PythonFailures.missingFile(
            "enoent: no such file or directory…'{path*}'", .likely, when: [.error]),
        FailurePattern(
            .conflict, "code eresolve|eresolve could not|eresolve unable",
            why: "npm finds no compatible versions",
            fix:
                "use npm install --legacy-peer-deps in the Dockerfile, or change the versions in package.json"
        ),
        FailurePattern(
            .npm,
            "can only install with an existing package-lock|are in sync|npm ci' can only|npm ci can only",
            why: "npm ci needs a package-lock.json that matches package.json",
            fix: "run npm install in the source and commit package-lock.json (check that exclude does not "
                + "match it), or use RUN npm install instead of npm ci"),
        FailurePattern(
            .npm, "frozen-lockfile|err_pnpm_no_lockfile|err_pnpm_outdated_lockfile",
            when: [.build, .line("error|needs to be updated|err_pnpm")],
            why: "the lock file is missing or does not match package.json",
            fix: "install in the source once, commit the lock file, and push again"),
        FailurePattern(
            .npm, "missing script: '{script*}'|missing script: ",
            why: "package.json has no script {script|of that name}",
            fix: "add it, or fix the command that runs it"),
        FailurePattern(
            .npm, "npm err! code e404|npm error code e404|npm error 404|npm err! 404",
            why: "npm does not find this package or version",
            fix: "check the name and version in package.json; a private package needs a token at build "
                + "time"),
        FailurePattern(
            .outOfMemory, "javascript heap out of memory", why: "Node ran out of heap memory",
            fix: "set ENV NODE_OPTIONS=--max-old-space-size=4096 before that step in the Dockerfile"),
    ]

    private static let missingModule: LinePattern = "cannot find module '{name}'|cannot find package '{name}'"

    /// Returns how to install Node. Debian's Node is years old, and its npm depends on hundreds of
    /// packages: Node's own image is suggested first.
    static func install(note: String = "") -> String {
        let inBuild =
            "run that step in a separate stage, FROM node:22-slim AS web\(note), and COPY --from=web its output"
        return
            "{docker?{build?\(inBuild)|use FROM node:22-slim\(note) as the last stage}, or COPY --from=node:22-slim "
            + "/usr/local /usr/local; or RUN apt-get update && apt-get install -y nodejs npm (an older version; "
            + "on Alpine: apk add nodejs npm)|add the line nodejs npm to packages.txt}"
    }
}
