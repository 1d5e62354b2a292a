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
