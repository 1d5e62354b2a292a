import DockerSyntax
import SpacesModel
import TextTools

/// The Dockerfile of a Python app: dependencies in a layer before the source, and a user of uid
/// 1000 with a home directory.
struct PythonTemplate {
    let project: PythonProject
    let container: ContainerSettings

    func makeDockerfile() throws(DeployError) -> TemplateDockerfile {
        let start = PythonStart(project, port: container.port)
        let customCommand = try container.commandLine()
        guard let command = customCommand ?? start.map({ DockerQuoting.command($0.arguments) }) else {
            throw DeployError(
                .settings,
                "template = python: nothing to start: the root has no \(PythonProject.entries.prefix(3).joined(separator: ", ")) or similar file",
                hint: "set command = python path/to/app.py")
        }
        var lines = [firstLine, "FROM python:\(project.version.text)-slim"]
        if project.usesUV { lines += ["COPY --from=ghcr.io/astral-sh/uv:0.12 /uv /usr/local/bin/uv"] }
        lines += systemPackages
        lines += ["RUN useradd --create-home --uid 1000 user", "USER user", "WORKDIR /home/user/app", ""]
        lines += try environment(start)
        lines +=
            [""] + install(customCommand == nil ? start?.missingPackage : nil) + [
                "", "EXPOSE \(container.port)", command,
            ]
        let startReason = customCommand == nil ? start?.reason : "started with the command in the settings"
        return TemplateDockerfile(
            bytes: GeneratedDockerfile.bytes(lines),
            reasons: [project.version.reason, startReason].compactMap { $0 })
    }

    private var firstLine: String {
        let files = project.origin.isEmpty ? "" : "\(project.origin.formattedList) by "
        return GeneratedDockerfile.firstLine(from: "\(files)template = python")
    }

    /// `packages.txt` lists Debian packages, as in the Hub's Gradio and Streamlit Spaces.
    private var systemPackages: [String] {
        let (update, cleanUp) = ("apt-get update", "rm -rf /var/lib/apt/lists/*")
        let install = "apt-get install --yes --no-install-recommends"
        var lines: [String] = []
        if project.dependencies.needsGit { lines.append("RUN \(update) && \(install) git && \(cleanUp)") }
        if project.source.names.contains("packages.txt") {
            lines.append("COPY packages.txt /tmp/packages.txt")
            lines.append(
                "RUN \(update) && grep -v '^#' /tmp/packages.txt | xargs -r \(install) && \(cleanUp)")
        }
        return lines
    }

    private func environment(_ start: PythonStart?) throws(DeployError) -> [String] {
        var defaults = [ContainerSettings.Variable("HOME", "/home/user"), .init("PYTHONUNBUFFERED", "1")]
        var path = "/home/user/.local/bin"
        switch project.installMethod {
        case .requirements, .nothing: break
        case .uv:
            // Uses the image's Python instead of downloading the patch version in .python-version.
            defaults += [
                .init("UV_PYTHON", project.version.text), .init("UV_LINK_MODE", "copy"),
                .init("UV_NO_CACHE", "1"),
            ]
            path = "/home/user/app/.venv/bin"
        case .poetry:
            defaults.append(.init("POETRY_VIRTUALENVS_IN_PROJECT", "true"))
            path = "/home/user/app/.venv/bin:" + path
        }
        let lines = try container.environment(over: defaults + (start?.environment ?? []))
        return ["ENV PATH=\"\(path):$PATH\""] + lines
    }

    private func install(_ missing: String?) -> [String] {
        let copyAll = "COPY --chown=user . ."
        let (files, run, later) = steps(missing)
        guard !files.isEmpty else { return [copyAll] }
        if project.dependencies.needsSource { return [copyAll] + (later.isEmpty ? run : later) }
        return ["COPY --chown=user \(files.joined(separator: " ")) ./"] + run + ["", copyAll] + later
    }

    /// Returns the files that the installation needs, the steps that install the dependencies, and
    /// the steps that install the project itself after the source is copied.
    private func steps(_ missing: String?) -> (files: [String], run: [String], later: [String]) {
        let extra = missing.map { " \($0)" } ?? ""
        switch project.installMethod {
        case .requirements:
            return (["requirements.txt"], ["RUN pip install --no-cache-dir -r requirements.txt\(extra)"], [])
        case .uv(let isLocked):
            let sync = "RUN uv sync --no-dev" + (isLocked ? " --frozen" : "")
            let isPackage = project.source.text("pyproject.toml")?.containsUTF8("[build-system]") == true
            return (
                ["pyproject.toml"] + (isLocked ? ["uv.lock"] : []), ["\(sync) --no-install-project"],
                isPackage ? [sync] : []
            )
        case .poetry:
            let lock = ["poetry.lock"].filter(project.source.names.contains)
            let install = "poetry install --only main --no-root --no-cache"
            return (["pyproject.toml"] + lock, ["RUN pip install --no-cache-dir poetry && \(install)"], [])
        case .nothing:
            return ([], [], [])
        }
    }
}

extension PythonProject {
    fileprivate var usesUV: Bool { if case .uv = installMethod { true } else { false } }
}
