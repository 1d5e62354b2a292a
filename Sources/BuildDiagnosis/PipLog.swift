/// What the build's log says of Python packages.
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

    /// More than one FROM: what was installed in one stage is not in the next.
    var hasStages: Bool { steps.count { $0.has("--> from ") } > 1 }

    /// The log tells of steps, and none of them is known to install Python packages.
    var installsNothing: Bool {
        !steps.isEmpty
            && !steps.contains {
                $0.has(anyOf: ["pip", "uv ", "poetry", "conda", "mamba", "pdm", "setup.py", "requirements"])
            }
    }

    /// Packages were installed in a step that did not print them: cached, or quiet.
    var isSilent: Bool {
        steps.contains { $0.has(anyOf: ["requirements", "uv sync", "poetry install"]) }
            && steps.count == lines.count
    }

    /// The package as it was installed: `fastapi-0.115.0`.
    func installed(_ package: PyPIDistribution) -> String? {
        // What pkg_resources and distutils went out of, pip brings to many builds.
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
        let named = line.text.after("requirement already satisfied: ") ?? line.text.after("collecting ")
        return named?.split(separator: " ").first.map(String.init).flatMap {
            package.isSame(as: $0) ? $0 : nil
        }
    }
}
