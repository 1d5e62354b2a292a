extension FailurePattern {
    /// Package managers: apt, pip, npm and similar.
    static let build: [FailurePattern] = [
        FailurePattern("unable to locate package", "has no installation candidate", "(no such package)") {
            at in
            let nearbyLines = at.preceding(6) + at.following(6)
            let missing = nearbyLines.compactMap { aptName($0.text) }
            let renamed = missing.compactMap { name in newNames[name].map { "\(name) is now \($0)" } }
            return CauseCandidate(
                cause: .aptPackage,
                why: "the image's distribution has no package \(listed(missing))",
                fix: renamed.isEmpty
                    ? "take its name in that distribution, run apt-get update in the same RUN, or start from an older tag of the base image"
                    : "\(renamed.joined(separator: ", ")); or start from an older tag of the base image (bookworm, jammy)"
            )
        },
        FailurePattern("unable to fetch some archives") { at in
            if at.occursNearby("404", "not found", within: 12) {
                return CauseCandidate(
                    cause: .aptPackage, why: "apt asks for versions that its package server has no more",
                    fix:
                        "run apt-get update && apt-get install in one RUN, so that the lists are never older than the packages"
                )
            }
            let isUnreachable = at.occursNearby(
                "could not resolve", "could not connect", "connection timed out", "connection failed",
                "503 ", "hash sum mismatch", within: 12)
            return isUnreachable
                ? CauseCandidate(
                    cause: .platform, why: "the package server did not answer the builder",
                    fix: "build it again: spacesync push \(at.space) --rebuild") : nil
        },
        FailurePattern("does not have a release file") { at in
            CauseCandidate(
                cause: .aptPackage, why: "the base image is so old that its package server is gone",
                fix: "start from a newer tag: python:3.11-slim-bookworm for python:3.8-buster, say")
        },
        FailurePattern(
            "resolutionimpossible", "conflicting dependencies", "the conflict is caused by",
            "no solution found when resolving",
            "version solving failed"
        ) { at in
            let around = Array(at.preceding(10)) + Array(at.following(10))
            let requested = around.lazy.compactMap { $0.text.after("The user requested ") }.first
            let pair = around.lazy.compactMap { $0.text.after("Cannot install ")?.before(" because") }.first
            let requirement = requested ?? pair
            return CauseCandidate(
                cause: .conflict,
                why: "pip finds no versions that fit together" + (requirement.map { " (\($0))" } ?? ""),
                fix:
                    "loosen or drop that pin in requirements.txt; pip compile or uv pip compile finds a set that fits"
            )
        },
        FailurePattern("requires a different python", "require a different python version") { at in
            let package = at.text.after("Package ")?.firstWord ?? at.text.after("package ")?.firstWord
            let required = at.text.after("not in ").map { $0.trimmed { "'\" ".contains($0) } }
            return CauseCandidate(
                cause: .pythonVersion,
                why: "\(package ?? "a package") needs another Python" + (required.map { " (\($0))" } ?? ""),
                fix: at.isDocker
                    ? "another FROM python:3.x in the Dockerfile, or an older version of the package"
                    : "card = python_version: 3.x of the target, or an older version of the package")
        },
        FailurePattern("temporary failure in name resolution", "nameresolutionerror") { at in
            guard at.symptoms.isBuild,
                !at.line.isWarning || at.occursAnywhere("no matching distribution")
                    || at.occursAnywhere("could not find a version")
            else {
                return nil
            }
            return CauseCandidate(
                cause: .platform, why: "the builder could not reach the network",
                fix: "build it again: spacesync push \(at.space) --rebuild")
        },
        FailurePattern("cannot find command 'git'", "git: not found", "git: command not found") { at in
            CauseCandidate(
                cause: .missingCommand, why: "git is not in the image", fix: at.installHint(debian: "git"))
        },
        FailurePattern("no matching distribution found for", "could not find a version that satisfies") {
            at in
            guard !at.occursAnywhere("temporary failure in name resolution") else { return nil }
            let name =
                at.text.after("distribution found for ")?.firstWord ?? at.text.after(
                    "satisfies the requirement ")?.firstWord
                ?? "a requirement"
            return CauseCandidate(
                cause: .noDistribution, why: "there is no \(name) for this Python and linux/amd64",
                fix: "look at its name and version in requirements.txt, and at the Python of the image: "
                    + "new Pythons lack older packages, and some are for Windows or macOS only")
        },
        FailurePattern(
            "no module named", "unable to find a compiler", "error: command 'gcc' failed: no such",
            "gcc: not found",
            "pg_config executable not found", "fatal error: python.h", "cmake must be installed",
            "the rust compiler", "cargo, the rust"
        ) { at in wheel(at) },
        FailurePattern("failed building wheel for", "failed to build", "could not build wheels for") { at in
            guard at.symptoms.isBuild,
                let name = at.text.after("building wheel for ")?.firstWord
                    ?? at.text.after("build wheels for ")?.firstWord
            else { return nil }
            return CauseCandidate(
                cause: .buildDependency,
                why: "\(name) has no ready wheel for this Python, and does not compile here",
                fix:
                    "a version of it with a wheel, another Python, or its build tools: \(at.installHint(debian: "build-essential python3-dev"))",
                confidence: .likely)
        },
    ]

    /// Diagnoses a package that pip builds from source: the missing build dependency.
    private static func wheel(_ at: LogMatch) -> CauseCandidate? {
        let isBuilding =
            at.symptoms.isBuild
            && at.occursAnywhere(
                "build wheel", "building wheel", "build dependency", "preparing metadata",
                "metadata-generation-failed")
        if let module = at.text.after("no module named ")?.quoted {
            guard isBuilding else { return nil }
            let fix =
                module == "pkg_resources" || module == "distutils"
                ? "pin setuptools<81 before it, or take a newer version of the package"
                : "install \(module) in a RUN before the others, then the package with pip install --no-build-isolation, "
                    + "or take a ready wheel of it"
            return CauseCandidate(
                cause: .buildDependency,
                why: "a package wants \(module) while it is built, and does not say so", fix: fix)
        }
        guard at.symptoms.isBuild else { return nil }
        let tools =
            at.line.has("pg_config")
            ? "libpq-dev gcc"
            : at.line.has("cmake")
                ? "cmake build-essential"
                : at.line.has(anyOf: ["rust", "cargo"]) ? "rustc cargo" : "build-essential python3-dev"
        return CauseCandidate(
            cause: .buildDependency, why: "a package is compiled here, and its tools are not in the image",
            fix: "\(at.installHint(debian: tools)), or a version of the package with a ready wheel")
    }

    private static func aptName(_ text: String) -> String? {
        let name =
            text.after("unable to locate package ")?.firstWord
            ?? (text.utf8.contains(UInt8(ascii: "E")) && text.after("has no installation candidate") != nil
                ? text.quoted : nil)
            ?? (text.after("(no such package)") != nil ? text.firstWord : nil)
        return name.flatMap { $0.isPlainWord ? $0 : nil }
    }

    private static let newNames = [
        "libgl1-mesa-glx": "libgl1", "libegl1-mesa": "libegl1", "libgles2-mesa": "libgles2",
        "netcat": "netcat-openbsd",
        "libglib2.0-0": "libglib2.0-0t64", "libasound2": "libasound2t64", "libatk1.0-0": "libatk1.0-0t64",
        "libcups2": "libcups2t64", "libgtk-3-0": "libgtk-3-0t64", "libssl1.1": "libssl3",
        "libtiff5": "libtiff6",
        "ttf-ubuntu-font-family": "fonts-ubuntu", "ttf-unifont": "fonts-unifont", "libffi7": "libffi8",
        "python3-distutils": "in python3-setuptools", "libjpeg-turbo8": "libjpeg62-turbo",
        "libicu66": "libicu72",
    ]

    static func listed(_ names: [String]) -> String {
        var seen: [String] = []
        for name in names where !seen.contains(name) { seen.append(name) }
        return seen.isEmpty
            ? "of that name" : seen.prefix(4).joined(separator: ", ") + (seen.count > 4 ? " …" : "")
    }
}
