extension FailurePattern {
    /// Python modules that cannot be found.
    static let modules: [FailurePattern] = [
        FailurePattern("no module named ") { at in
            guard !at.line.isWarning,
                at.line.has("error:") || at.line.has("python: no module")
                    || at.line.has("python3: no module"),
                let name = at.text.after("no module named ").flatMap({ $0.quoted ?? $0.firstWord }),
                name.isPlainWord
            else { return nil }
            return module(name, at)
        }
    ]

    private static func module(_ name: String, _ at: LogMatch) -> CauseCandidate {
        let parts = name.split(separator: ".").map(String.init)
        let root = parts.first ?? name
        if parts.count > 1, wellKnown.contains(root) {
            return versions("the installed \(root) has no \(name)", root, at)
        }
        if root == "google", parts.count > 1, parts[1] == "colab" {
            return missingModule(name, "take that import out: the module is there on Google Colab only")
        }
        if commonLocalNames.contains(root) || isInPaths(root, at)
            || root.first?.isUppercase == true && !PyPIDistribution.isKnown(root)
        {
            return missingModule(
                "Python finds no \(name): by its name a file of the app's own",
                "see that it is sent (spacesync plan \(at.space)) and copied"
                    + (at.symptoms.isBuild ? " before that step" : "")
                    + ", and start where it lies: WORKDIR, or ENV PYTHONPATH=/app")
        }
        return missing(name, PyPIDistribution(of: name), at)
    }

    private static func missing(_ name: String, _ package: PyPIDistribution, _ at: LogMatch) -> CauseCandidate
    {
        let root = String(name.prefix { $0 != "." }), log = PipLog(at.symptoms)
        if let installed = log.installed(package) {
            return missingModule(
                "the build installed \(installed), but the Python that runs the app does not find \(name)",
                log.hasStages
                    ? "the last stage of the Dockerfile has to hold it: install there, or COPY --from the whole virtual environment"
                    : "start the app with the Python whose pip it was (python -m …): see which virtual environment, which "
                        + "python3.x and which user installs, and which runs it (the Hub runs it as uid 1000)"
            )
        }
        let entry = "a line \(package.name) in requirements.txt"
        if at.isDocker, !at.symptoms.isBuild, log.installsNothing {
            return missingModule(
                "the Python module \(name) is not installed: no step of the Dockerfile installs Python packages",
                "if \(root) is of your own source, COPY it beside the app; else COPY requirements.txt . and RUN pip install "
                    + "--no-cache-dir -r requirements.txt, with \(entry)"
            )
        }
        let note = package.name.lowercased() == root.lowercased() ? "" : " (its module is \(package.module))"
        let other =
            log.isSilent
            ? "if it is there, another Python runs the app than pip installs for"
            : "if \(root) is a file of yours, see that it is sent and copied"
        return missingModule("the Python module \(name) is not installed", "\(entry)\(note); \(other)")
    }

    private static func missingModule(_ why: String, _ fix: String) -> CauseCandidate {
        CauseCandidate(cause: .pythonModule, why: why, fix: fix)
    }

    /// Whether a folder or file of that name occurs in the paths of the traceback: `File
    /// "/app/src/main.py"`.
    private static func isInPaths(_ name: String, _ at: LogMatch) -> Bool {
        at.preceding(40).contains { line in
            guard let path = line.text.after("File \"")?.before("\""),
                !["site-packages/", "dist-packages/", "/lib/python"].contains(where: { path.contains($0) })
            else { return false }
            return path.split(separator: "/").contains { $0 == name || $0 == name + ".py" }
        }
    }

    private static let commonLocalNames: Set<String> = [
        "app", "main", "src", "config", "utils", "util", "models", "model", "api", "server", "backend",
        "frontend", "core", "lib", "helpers", "helper", "routes", "routers", "services", "database", "db",
        "settings", "tools", "agents", "modules", "schemas", "constants", "common", "handlers", "views",
        "crud",
        "logger", "pipeline", "inference", "scripts",
    ]
}

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

/// The Python package installations in a build log.
struct PipLog {
    private let lines: [NormalizedLine]
    private let steps: [NormalizedLine]

    init(_ symptoms: FailureContext) {
        lines = symptoms.build.lazy.map { NormalizedLine($0) }.filter {
            $0.has(anyOf: [
                "--> ", "successfully installed", "requirement already satisfied", "collecting ", " + ",
            ])
        }
        steps = lines.filter { $0.text.hasPrefix("--> ") }
    }

    /// Whether the Dockerfile has more than one FROM: packages of one stage are missing in the
    /// next.
    var hasStages: Bool { steps.count { $0.has("--> from ") } > 1 }

    /// Whether the log has steps, none of which is known to install Python packages.
    var installsNothing: Bool {
        !steps.isEmpty
            && !steps.contains {
                $0.has(anyOf: ["pip", "uv ", "poetry", "conda", "mamba", "pdm", "setup.py", "requirements"])
            }
    }

    /// Whether packages were installed by a step that printed nothing, because it was cached or
    /// quiet.
    var isSilent: Bool {
        steps.contains { $0.has(anyOf: ["requirements", "uv sync", "poetry install"]) }
            && steps.count == lines.count
    }

    /// Returns the installed package with its version, for example `fastapi-0.115.0`; `nil` if it
    /// was not installed.
    func installed(_ package: PyPIDistribution) -> String? {
        // pip installs setuptools in many builds, in versions without pkg_resources or distutils.
        guard !package.name.hasPrefix("setuptools") else { return nil }
        return lines.lazy.compactMap { Self.installed(package, in: $0) }.first
    }

    private static func installed(_ package: PyPIDistribution, in line: NormalizedLine) -> String? {
        if line.has("successfully installed") {
            return line.text.after("successfully installed ")?.split(separator: " ").map(String.init)
                .first { word in word.lastIndex(of: "-").map { package.isSame(as: word[..<$0]) } ?? false }
        }
        if line.text.hasPrefix(" + ") {
            return line.text.after(" + ")?.firstWord.flatMap { package.isSame(as: $0) ? $0 : nil }
        }
        let requirement = line.text.after("requirement already satisfied: ") ?? line.text.after("collecting ")
        return requirement?.split(separator: " ").first.map(String.init).flatMap {
            package.isSame(as: $0) ? $0 : nil
        }
    }
}
