import Testing

@testable import Deploy

/// The Dockerfile that a template writes for these files, once BuildKit's reader found nothing wrong with it.
private func written(
    _ template: Template, _ files: [String: String], _ container: ContainerSettings = ContainerSettings()
) throws -> TemplateDockerfile {
    let names = Set(files.keys)
    let needed = template.needs(among: names)
    let contents = needed.map { ($0, Array((files[$0] ?? "").utf8)) }
    let source = TemplateSource(names: names, contents: Dictionary(uniqueKeysWithValues: contents))
    let result = try template.dockerfile(for: source, container)
    let read = Dockerfile.read(result.bytes)
    #expect(read.problems.isEmpty)
    #expect(read.exposedPort == container.port)
    for copy in read.instructions where copy.keyword == "COPY" && copy.flag("from") == nil {
        for file in copy.arguments.dropLast() { #expect(file == "." || names.contains(file), "COPY \(file)") }
    }
    #expect(WrittenDockerfile.isOurs(result.bytes))
    return result
}

private func command(_ template: Template, _ files: [String: String]) throws -> [String]? {
    Dockerfile.read(try written(template, files).bytes).instructions.last?.json
}

struct ImageTemplateTests {
    @Test(arguments: [
        (["requirements.txt", "app.py"], Template.python), (["main.py"], .python),
        (["pyproject.toml"], .python),
        (["package.json", "README.md"], .node), (["package.json", "app.py"], nil), (["index.html"], nil),
        ([], nil),
    ])
    func `a source is taken for what its root looks like`(_ names: [String], _ template: Template?) {
        #expect(Template.choose(among: Set(names)).template == template)
    }

    @Test func `the choice is said aloud`() {
        #expect(
            Template.choose(among: ["requirements.txt", "app.py"]).reason
                == "requirements.txt and app.py are there")
        #expect(Template.choose(among: ["package.json"]).reason == "package.json is there")
        #expect(
            Template.choose(among: ["package.json", "app.py"]).reason.hasSuffix("template = node says which"))
        #expect(Template.choose(among: ["index.html"]).reason.hasSuffix("sdk = static is enough"))
    }

    @Test func `a Flask app with requirements`() throws {
        let result = try written(
            .python,
            [
                "requirements.txt": "flask\nrequests\n",
                "app.py": "from flask import Flask\napp = Flask(__name__)\n",
                "runtime.txt": "python-3.11.9\r\n",
            ])
        #expect(
            result.bytes.text == """
                # Written by spacesync from requirements.txt and app.py by template = python. Change the settings, not this file.
                FROM python:3.11-slim
                RUN useradd --create-home --uid 1000 user
                USER user
                WORKDIR /home/user/app

                ENV PATH="/home/user/.local/bin:$PATH"
                ENV HOST=0.0.0.0
                ENV PORT=7860
                ENV HOME=/home/user
                ENV PYTHONUNBUFFERED=1

                COPY --chown=user requirements.txt ./
                RUN pip install --no-cache-dir -r requirements.txt

                COPY --chown=user . .

                EXPOSE 7860
                CMD ["flask", "--app", "app:app", "run", "--host", "0.0.0.0", "--port", "7860"]

                """)
        #expect(result.reasons == ["Python 3.11, as runtime.txt says", "Flask, flask serves app of app.py"])
    }

    @Test func `a project of uv`() throws {
        let project = """
            [project]
            name = "x"
            requires-python = ">=3.13"
            dependencies = [
                "fastapi[standard]>=0.115",  # web ]
                'httpx',
            ]
            [build-system]
            requires = ["hatchling"]
            """
        let result = try written(
            .python,
            [
                "pyproject.toml": project, "uv.lock": "",
                "main.py": "from fastapi import FastAPI\napi: FastAPI = FastAPI()\n",
            ],
            ContainerSettings(env: [.init("A", "b c")], port: 8000))
        #expect(
            result.bytes.text == """
                # Written by spacesync from pyproject.toml, uv.lock and main.py by template = python. Change the settings, not this file.
                FROM python:3.13-slim
                COPY --from=ghcr.io/astral-sh/uv:0.12 /uv /usr/local/bin/uv
                RUN useradd --create-home --uid 1000 user
                USER user
                WORKDIR /home/user/app

                ENV PATH="/home/user/app/.venv/bin:$PATH"
                ENV HOST=0.0.0.0
                ENV PORT=8000
                ENV HOME=/home/user
                ENV PYTHONUNBUFFERED=1
                ENV UV_PYTHON=3.13
                ENV UV_LINK_MODE=copy
                ENV UV_NO_CACHE=1
                ENV A="b c"

                COPY --chown=user pyproject.toml uv.lock ./
                RUN uv sync --no-dev --frozen --no-install-project

                COPY --chown=user . .
                RUN uv sync --no-dev --frozen

                EXPOSE 8000
                CMD ["uvicorn", "main:api", "--host", "0.0.0.0", "--port", "8000"]

                """)
    }

    @Test(arguments: [
        (
            "flask\ngunicorn", "from flask import Flask\napp = Flask(__name__)",
            ["gunicorn", "--bind", "0.0.0.0:7860", "app:app"]
        ),
        (
            "Flask==3", "import flask\nsite = flask.Flask(__name__)",
            ["flask", "--app", "app:site", "run", "--host", "0.0.0.0", "--port", "7860"]
        ),
        (
            "flask\ngunicorn", "from flask import Flask\ndef create_app():\n    app = Flask(__name__)\n",
            ["gunicorn", "--bind", "0.0.0.0:7860", "app:create_app()"]
        ),
        (
            "flask\nflask-socketio",
            "from flask import Flask\nfrom flask_socketio import SocketIO\napp = Flask(__name__)",
            ["python", "app.py"]
        ),
        (
            "fastapi\nuvicorn[standard]", "from fastapi import FastAPI, Depends\napp = FastAPI(title='x')",
            ["uvicorn", "app:app", "--host", "0.0.0.0", "--port", "7860"]
        ),
        (
            "fastapi\nuvicorn", "import fastapi, uvicorn\napp = fastapi.FastAPI()\nuvicorn.run(app)",
            ["python", "app.py"]
        ),
        (
            "fastapi\ngradio\nuvicorn",
            "from fastapi import FastAPI\nimport gradio as gr\napp = FastAPI()\napp = gr.mount_gradio_app(app, ui, '/')",
            ["uvicorn", "app:app", "--host", "0.0.0.0", "--port", "7860"]
        ),
        ("gradio", "import gradio as gr\ngr.Interface(f).launch()", ["python", "app.py"]),
        (
            "streamlit", "import streamlit as st",
            [
                "streamlit", "run", "app.py", "--server.address=0.0.0.0", "--server.port=7860",
                "--server.headless=true", "--browser.gatherUsageStats=false",
            ]
        ),
        ("aiohttp", "from aiohttp import web", ["python", "app.py"]),
        (
            "# flask\n-i https://x\n", "# import flask\nprint('from flask import Flask')",
            ["python", "app.py"]
        ),
    ])
    func `an app listens where the Hub looks`(_ requirements: String, _ code: String, _ words: [String])
        throws
    {
        #expect(try command(.python, ["requirements.txt": requirements, "app.py": code]) == words)
    }

    @Test func `a Gradio app is told by its environment`() throws {
        let text = try written(.python, ["requirements.txt": "gradio", "app.py": "import gradio"]).bytes.text
        #expect(text.contains("ENV GRADIO_SERVER_NAME=0.0.0.0\nENV GRADIO_SERVER_PORT=7860\n"))
    }

    @Test func `a server that is named nowhere is installed besides`() throws {
        let code = "from fastapi import FastAPI\napp = FastAPI()"
        let text = try written(.python, ["requirements.txt": "fastapi", "main.py": code]).bytes.text
        #expect(text.contains("-r requirements.txt uvicorn\n"))
    }

    @Test(arguments: ["-r base.txt\nflask", "-e .", "./wheels/x.whl", "x @ file:///x", "-c constraints.txt"])
    func `requirements that need the source are installed behind it`(_ requirements: String) throws {
        let text = try written(.python, ["requirements.txt": requirements, "app.py": ""]).bytes.text
        #expect(text.contains("COPY --chown=user . .\nRUN pip install"))
        #expect(!text.contains("requirements.txt ./"))
    }

    @Test func `what the system has to bring is installed`() throws {
        let files = [
            "requirements.txt": "x @ git+https://github.com/o/x", "packages.txt": "ffmpeg\n", "app.py": "",
        ]
        let text = try written(.python, files).bytes.text
        #expect(text.contains("--no-install-recommends git &&"))
        #expect(text.contains("COPY packages.txt /tmp/packages.txt\n"))
    }

    @Test(arguments: [
        ([".python-version": "3.10.4\n"], "3.10"), ([".python-version": "# x\n\n3.9"], "3.9"),
        ([".python-version": "myenv"], "3.12"),
        (["runtime.txt": "python-3.13"], "3.13"), ([".python-version": "2.7"], "3.12"),
        ([".python-version": "3.12; rm"], "3.12"),
        (["pyproject.toml": "[project]\nrequires-python = \">=3.8,<3.12\""], "3.11"),
        (["pyproject.toml": "[project]\nrequires-python = \"==3.10.*\""], "3.10"),
        (["pyproject.toml": "[project]\nrequires-python = \"~=3.9\""], "3.12"),
        (["pyproject.toml": "[project]\nrequires-python = \"nonsense\""], "3.12"),
        (["pyproject.toml": "[tool.poetry.dependencies]\npython = \"^3.13\""], "3.13"), ([:], "3.12"),
    ])
    func `the version is the one that the project asks for`(_ files: [String: String], _ version: String)
        throws
    {
        let text = try written(.python, files.merging(["app.py": ""]) { first, _ in first }).bytes.text
        #expect(text.contains("\nFROM python:\(version)-slim\n"))
    }

    @Test func `projects without a lock, of Poetry, of nothing at all`() throws {
        let uv = try written(.python, ["pyproject.toml": "[project]\ndependencies = []", "app.py": ""]).bytes
            .text
        #expect(uv.contains("RUN uv sync --no-dev --no-install-project\n"))
        let poetry = try written(
            .python,
            ["pyproject.toml": "[tool.poetry.dependencies]\nflask = \"*\"", "poetry.lock": "", "app.py": ""])
        #expect(
            poetry.bytes.text.contains(
                "COPY --chown=user pyproject.toml poetry.lock ./\nRUN pip install --no-cache-dir poetry && poetry"
            ))
        let bare = try written(.python, ["app.py": "", "pyproject.toml": "[tool.ruff]\nline-length = 100"])
            .bytes.text
        #expect(!bare.contains("pip") && !bare.contains("uv "))
    }

    @Test func `nothing to start is told with the key that names it`() throws {
        let failure = #expect(throws: Failure.self) { try written(.python, ["requirements.txt": "x"]) }
        #expect(failure?.kind == .settings)
        #expect(failure?.hint?.contains("command = ") == true)
        let given = try written(.python, ["requirements.txt": "x"], ContainerSettings(command: "python -m x"))
        #expect(given.bytes.text.hasSuffix("CMD [\"python\", \"-m\", \"x\"]\n"))
        #expect(try command(.python, ["manage.py": ""])?.last == "0.0.0.0:7860")
    }
}

struct ImageNodeTemplateTests {
    @Test func `a server with a lock file`() throws {
        let manifest =
            #"{"name":"x","main":"lib.js","engines":{"node":">=18 <21"},"scripts":{"start":"node server.js"}}"#
        let result = try written(.node, ["package.json": manifest, "package-lock.json": "{}", ".npmrc": ""])
        #expect(
            result.bytes.text == """
                # Written by spacesync from package.json and package-lock.json by template = node. Change the settings, not this file.
                FROM node:20-slim
                RUN mkdir -p /home/node/app && chown node:node /home/node/app
                USER node
                WORKDIR /home/node/app

                ENV HOST=0.0.0.0
                ENV PORT=7860
                ENV HOME=/home/node

                COPY --chown=node package.json package-lock.json .npmrc ./
                RUN npm ci --omit=dev --no-audit --no-fund

                COPY --chown=node . .

                ENV NODE_ENV=production
                EXPOSE 7860
                CMD ["npm", "run", "start"]

                """)
        #expect(
            result.reasons == [
                "Node 20, as engines says >=18 <21", "the script start is run: node server.js",
            ])
    }

    @Test(arguments: [
        ("yarn.lock", "", "yarn install --frozen-lockfile --production"),
        ("pnpm-lock.yaml", "", "pnpm install --frozen-lockfile --prod"),
        ("pnpm-lock.yaml", #""packageManager":"pnpm@9.1.0","#, "corepack enable"),
        ("bun.lock", "", "bun install --frozen-lockfile --production"),
        ("bun.lockb", "", "FROM oven/bun:1-slim"),
        ("yarn.lock", #""packageManager":"yarn@4.2.0","#, "yarn install --immutable"),
        ("README.md", "", "RUN npm install --omit=dev"),
        (
            "README.md", #""scripts":{"build":"tsc"},"#,
            "RUN npm install --no-audit --no-fund\n\nCOPY --chown=node . .\nRUN npm run build"
        ),
        ("package-lock.json", #""scripts":{"start":"tsx server.ts"},"#, "RUN npm ci --no-audit"),
        (
            "package-lock.json", #""scripts":{"prepare":"husky"},"#,
            "COPY --chown=node . .\nRUN npm ci --no-audit"
        ),
        ("package-lock.json", #""workspaces":["a"],"#, "COPY --chown=node . .\nRUN npm ci --no-audit"),
        (
            "package-lock.json", #""dependencies":{"x":"file:./x"},"#,
            "COPY --chown=node . .\nRUN npm ci --no-audit"
        ),
    ])
    func `packages are installed as the lock file's owner does`(
        _ lock: String, _ fields: String, _ part: String
    ) throws {
        let files = ["package.json": "{\(fields)\"main\":\"index.js\"}", lock: ""]
        let text = try written(.node, files).bytes.text
        #expect(text.contains(part), "\(text)")
    }

    @Test(arguments: [
        (
            #"{"scripts":{"start":"vite"}}"#,
            ["npm", "run", "start", "--", "--host", "0.0.0.0", "--port", "7860"]
        ),
        (#"{"scripts":{"start":"vite --port 7860"}}"#, ["npm", "run", "start"]),
        (
            #"{"scripts":{"start":"next start"},"dependencies":{"next":"15"}}"#,
            ["npm", "run", "start", "--", "--hostname", "0.0.0.0", "--port", "7860"]
        ),
        (#"{"scripts":{"start":"next build && next start"}}"#, ["npm", "run", "start"]),
        (#"{"main":"./src/index.js"}"#, ["node", "src/index.js"]),
    ])
    func `a server listens where the Hub looks`(_ manifest: String, _ words: [String]) throws {
        #expect(try command(.node, ["package.json": manifest]) == words)
    }

    @Test(arguments: [
        ([".nvmrc": "v18.19.0"], "18"), ([".nvmrc": "lts/iron"], "20"), ([".node-version": "24"], "24"),
        ([".nvmrc": "node"], "22"),
        (["engines": "^20"], "20"), (["engines": "18.x || 20.x"], "20"), (["engines": ">= 24"], "24"),
        (["engines": "*"], "22"),
        (["engines": "16 - 18"], "18"), (["engines": "<=20"], "20"), (["engines": "what?"], "22"),
        ([:], "22"),
    ])
    func `the version is the one that the project asks for`(_ files: [String: String], _ version: String)
        throws
    {
        let range = files["engines"].map { ",\"engines\":{\"node\":\"\($0)\"}" } ?? ""
        var all = files.filter { $0.key.hasPrefix(".") }
        all["package.json"] = "{\"main\":\"a.js\"\(range)}"
        #expect(try written(.node, all).bytes.text.contains("\nFROM node:\(version)-slim\n"))
    }

    @Test(arguments: [
        "", "{", "[]", "{\"scripts\":{}}", "{\"main\":\"\"}", "{\"main\":\"--eval\"}",
        "{\"main\":\"../x.js\"}",
    ])
    func `a manifest that starts nothing is refused`(_ manifest: String) {
        let failure = #expect(throws: Failure.self) { try written(.node, ["package.json": manifest]) }
        #expect(failure?.kind == .settings)
    }

    @Test func `the settings' own mode wins`() throws {
        let container = ContainerSettings(env: [.init("NODE_ENV", "development")])
        let text = try written(.node, ["package.json": "{\"main\":\"a.js\"}"], container).bytes.text
        #expect(text.contains("ENV NODE_ENV=development\n") && !text.contains("production"))
    }

    @Test(arguments: [
        (#" {"a":[1,-2.5e3,true,null,"x\u0041\n\"é"],"b":{}} "#, true), ("{\"a\":1,}", false),
        ("[1 2]", false), ("nan", false),
        (String(repeating: "[", count: 100_000), false), ("\"\\x\"", false), ("{\"a\"", false),
        ("{} {}", false), ("", false),
    ])
    func `JSON is read, and what is none is not`(_ text: String, _ isFine: Bool) {
        #expect((JSONText(Array(text.utf8)) != nil) == isFine)
    }
}
