import Testing

@testable import DockerSyntax
@testable import DockerfileTemplates
@testable import SpacesModel
@testable import TextTools

struct ImageTemplateTests {
    @Test(arguments: [
        (["requirements.txt", "app.py"], Template.python), (["main.py"], .python),
        (["pyproject.toml"], .python),
        (["package.json", "README.md"], .node), (["package.json", "app.py"], nil), (["index.html"], nil),
        ([], nil),
    ])
    func `the template is detected from the files in the root`(_ names: [String], _ template: Template?) {
        #expect(Template.detect(among: Set(names)).template == template)
    }

    @Test func `the detected template has a reason`() {
        #expect(
            Template.detect(among: ["requirements.txt", "app.py"]).reason
                == "found requirements.txt and app.py")
        #expect(Template.detect(among: ["package.json"]).reason == "found package.json")
        #expect(
            Template.detect(among: ["package.json", "app.py"]).reason.hasSuffix(
                "set template = python or template = node"))
        #expect(Template.detect(among: ["index.html"]).reason.hasSuffix("sdk = static is enough"))
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
        #expect(result.reasons == ["Python 3.11 (from runtime.txt)", "Flask: flask serves app from app.py"])
    }

    @Test func `a uv project`() throws {
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
    func `an app listens on the Hub's port`(_ requirements: String, _ code: String, _ command: [String])
        throws
    {
        #expect(try startCommand(.python, ["requirements.txt": requirements, "app.py": code]) == command)
    }

    @Test func `a Gradio app is configured by environment variables`() throws {
        let text = try written(.python, ["requirements.txt": "gradio", "app.py": "import gradio"]).bytes.text
        #expect(text.contains("ENV GRADIO_SERVER_NAME=0.0.0.0\nENV GRADIO_SERVER_PORT=7860\n"))
    }

    @Test func `a server missing from the requirements is installed too`() throws {
        let code = "from fastapi import FastAPI\napp = FastAPI()"
        let text = try written(.python, ["requirements.txt": "fastapi", "main.py": code]).bytes.text
        #expect(text.contains("-r requirements.txt uvicorn\n"))
    }

    @Test(arguments: ["-r base.txt\nflask", "-e .", "./wheels/x.whl", "x @ file:///x", "-c constraints.txt"])
    func `requirements that need the source are installed after it is copied`(_ requirements: String) throws {
        let text = try written(.python, ["requirements.txt": requirements, "app.py": ""]).bytes.text
        #expect(text.contains("COPY --chown=user . .\nRUN pip install"))
        #expect(!text.contains("requirements.txt ./"))
    }

    @Test func `required system packages are installed`() throws {
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
    func `the version is the one that the project requires`(_ files: [String: String], _ version: String)
        throws
    {
        let text = try written(.python, files.merging(["app.py": ""]) { first, _ in first }).bytes.text
        #expect(text.contains("\nFROM python:\(version)-slim\n"))
    }

    @Test func `projects without a lock file, with Poetry, and without dependencies`() throws {
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

    @Test func `an error for a missing start command names the setting`() throws {
        let failure = #expect(throws: DeployError.self) { try written(.python, ["requirements.txt": "x"]) }
        #expect(failure?.kind == .settings)
        #expect(failure?.hint?.contains("command = ") == true)
        let given = try written(.python, ["requirements.txt": "x"], ContainerSettings(command: "python -m x"))
        #expect(given.bytes.text.hasSuffix("CMD [\"python\", \"-m\", \"x\"]\n"))
        #expect(try startCommand(.python, ["manage.py": ""])?.last == "0.0.0.0:7860")
    }
}
