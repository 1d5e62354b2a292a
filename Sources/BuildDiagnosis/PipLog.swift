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
