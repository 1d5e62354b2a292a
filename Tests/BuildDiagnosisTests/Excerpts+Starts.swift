@testable import BuildDiagnosis
@testable import SpacesModel

extension Excerpt {
    /// Excerpts with which the patterns for syntax, addresses, Node, installed modules and nginx were written.
    static let starts: [Excerpt] = [
        Excerpt(
            231, "dKosarevsky/AI-Talks/issues/13", .elsewhere, .runtimeError, [.syntax],
            names: ["chat.py, line 80", "3.10"],
            message: #"""
                Exit code: 1
                """#,
            log: #"""
                File "/app/ai-talks/ai_talks/chat.py", line 80
                          match role_kind:
                                ^
                SyntaxError: invalid syntax
                """#),
        Excerpt(
            232, "serge-chat/serge/pull/221", .elsewhere, .runtimeError, [.pythonVersion],
            names: ["serge", "3.10"],
            message: #"""
                Exit code: 1
                """#,
            log: #"""
                  File "/usr/local/lib/python3.9/site-packages/serge/routers/chat.py", line 6, in <module>
                    from serge.utils.stream import get_prompt
                  File "/usr/local/lib/python3.9/site-packages/serge/utils/stream.py", line 61
                    match message.type:
                          ^
                SyntaxError: invalid syntax
                """#),
        Excerpt(
            233, "geldata/gel/pull/7239", .elsewhere, .runtimeError, [.syntax],
            names: ["args.py, line 182", "3.12"],
            message: #"""
                Exit code: 1
                """#,
            log: #"""
                  File "/home/user/app/edb/tools/edb.py", line 34, in <module>
                    from edb.server import args as srv_args
                  File "/home/user/app/edb/server/args.py", line 182
                    f'{t.lower()}:{'/'.join(m.lower() for m in mm)}'
                                    ^
                SyntaxError: f-string: expecting '}'
                """#),
        Excerpt(
            234, "docker-archive/docker-birthday-3/issues/136", .elsewhere, .runtimeError, [.syntax],
            names: ["/usr/src/app/app.py, line 23", "indented"],
            message: #"""
                Exit code: 1
                """#,
            log: #"""
                  File "/usr/src/app/app.py", line 23
                    url = random.choice(images)
                      ^
                IndentationError: expected an indented block
                """#),
        Excerpt(
            235, "pjlantz/droidbox/issues/10", .elsewhere, .runtimeError, [.syntax],
            names: ["scripts/droidbox.py, line 111", "spaces only"],
            message: #"""
                Exit code: 1
                """#,
            log: #"""
                  File "scripts/droidbox.py", line 111
                    sys.stdout.flush()
                                     ^
                TabError: inconsistent use of tabs and spaces in indentation
                """#),
        Excerpt(
            236, "pypae/pydantic-typer/issues/9", .elsewhere, .runtimeError, [.pythonVersion],
            names: ["pydantic_typer"],
            message: #"""
                Exit code: 1
                """#,
            log: #"""
                File "/data/miniconda3/envs/xinference/lib/python3.10/site-packages/pydantic_typer/main.py", line 156
                    return origin[*updated_args]
                                  ^
                SyntaxError: invalid syntax
                """#),
        Excerpt(
            237, "fastapi/fastapi/issues/2378", .elsewhere, .runtimeError, [.pythonVersion],
            names: ["fastapi"],
            message: #"""
                Exit code: 1
                """#,
            log: #"""
                Traceback (most recent call last):
                  File "app.py", line 3, in <module>
                    from fastapi import FastAPI
                  File "/usr/local/lib/python3.8/site-packages/fastapi/__init__.py", line 7, in <module>
                    from .applications import FastAPI
                  File "/usr/local/lib/python3.8/site-packages/fastapi/applications.py", line 55
                    **extra: Any,
                                ^
                SyntaxError: invalid syntax
                """#),
        Excerpt(
            241, "krishnaik06/Dockers/issues/4", .elsewhere, .runtimeError, [.port],
            names: ["127.0.0.1:5000", "0.0.0.0:7860"],
            message: #"""
                Launch timed out, workload was not healthy after 30 min
                """#,
            log: #"""
                * Running on http://127.0.0.1:5000/ (Press CTRL+C to quit)
                """#),
        Excerpt(
            242, "Kludex/uvicorn/issues/736", .elsewhere, .runtimeError, [.port],
            names: ["127.0.0.1:8000", "uvicorn … --host 0.0.0.0 --port 7860"],
            message: #"""
                Launch timed out, workload was not healthy after 30 min
                """#,
            log: #"""
                Uvicorn running on http://127.0.0.1:8000 (Press CTRL+C to quit)
                Started reloader process [1] using statreload
                Started server process [12]
                Waiting for application startup.
                Application startup complete.
                """#),
        Excerpt(
            243, "alexferl/falcon-boilerplate/issues/2", .elsewhere, .runtimeError, [.port],
            names: ["127.0.0.1:5000", "0.0.0.0:7860"],
            message: #"""
                Launch timed out, workload was not healthy after 30 min
                """#,
            log: #"""
                [2019-05-22 15:17:00 +0000] [1] [INFO] Starting gunicorn 19.9.0
                [2019-05-22 15:17:00 +0000] [1] [INFO] Listening at: http://127.0.0.1:5000 (1)
                """#),
        Excerpt(
            244, "docker/desktop-linux/issues/256", .elsewhere, .runtimeError, [.port],
            names: ["port 5000", "app_port: 5000"],
            message: #"""
                Launch timed out, workload was not healthy after 30 min
                """#,
            log: #"""
                 * Serving Flask app 'hello'
                 * Debug mode: off
                WARNING: This is a development server. Do not use it in a production deployment. Use a production WSGI server instead.
                 * Running on all addresses (0.0.0.0)
                 * Running on http://127.0.0.1:5000
                 * Running on http://192.168.65.3:5000
                Press CTRL+C to quit
                """#),
        Excerpt(
            251, "osmose-qa/osmose-frontend/issues/152", .elsewhere, .buildError, [.missingCommand],
            names: ["no program npm", "FROM node:22"],
            log: #"""
                --> RUN npm install &&     npm run build
                /bin/sh: 1: npm: not found
                --> ERROR: process "/bin/sh -c npm install &&     npm run build" did not complete successfully: exit code: 127
                """#),
        Excerpt(
            252, "nosqlclient/nosqlclient/issues/472", .elsewhere, .runtimeError, [.missingCommand],
            names: ["no program node", "node:22"],
            message: #"""
                Exit code: 127
                """#,
            log: #"""
                [-] External MONGO_URL not found. Starting local MongoDB...
                => Starting app on port 3000...
                ./entrypoint.sh: line 25: exec: 'node': not found
                """#),
        Excerpt(
            253, "bradtraversy/docker-node-mongo/issues/9", .elsewhere, .runtimeError, [.dockerfileSyntax],
            names: ["[npm", "double quotes"],
            message: #"""
                Exit code: 127
                """#,
            log: #"""
                /bin/sh: 1: [npm: not found
                """#),
        Excerpt(
            261, "joke2k/django-environ/issues/521", .elsewhere, .runtimeError, [.pythonModule],
            names: ["django-environ-0.11.2", "python -m"],
            message: #"""
                Exit code: 1
                """#,
            log: #"""
                  File "/app/rkn/settings.py", line 21, in <module>
                    import environ
                ModuleNotFoundError: No module named 'environ'
                """#,
            build: #"""
                --> FROM docker.io/library/python:3.12-slim
                --> COPY requirements.txt .
                --> RUN pip install --no-cache-dir -r requirements.txt
                #8 6.845 Successfully installed Django-5.0.2 asgiref-3.7.2 django-environ-0.11.2 psycopg-3.1.18 psycopg-binary-3.1.18 setuptools-69.1.1 sqlparse-0.4.4 typing_extensions-4.10.0
                --> COPY . .
                """#),
        Excerpt(
            262, "deathbybandaid/tdarr_inform/issues/21", .elsewhere, .runtimeError, [.pythonModule],
            names: ["build installed requests", "python -m"],
            message: #"""
                Exit code: 1
                """#,
            log: #"""
                Traceback (most recent call last):
                  File "/scripts/tdarr_inform/Tdarr_Inform/web/__init__.py", line 1, in <module>
                    import requests
                ModuleNotFoundError: No module named 'requests'
                """#,
            build: #"""
                --> RUN pip3 install -r requirements.txt
                Requirement already satisfied: requests in /usr/local/lib/python3.10/dist-packages (from -r requirements.txt (line 1)) (2.28.1)
                Requirement already satisfied: idna<4,>=2.5 in /usr/lib/python3/dist-packages (from requests->-r requirements.txt (line 1)) (3.3)
                """#),
        Excerpt(
            263, "PromtEngineer/localGPT/issues/739", .elsewhere, .buildError, [.pythonModule],
            names: ["file of the app's own", "copied"],
            log: #"""
                --> RUN --mount=type=cache,target=/root/.cache python ingest.py --device_type $device_type
                Traceback (most recent call last):
                File "//ingest.py", line 10, in <module>
                from utils import get_embeddings
                ModuleNotFoundError: No module named 'utils'
                """#),
        Excerpt(
            264, "ritwiktiwari/copier-astral/issues/31", .elsewhere, .runtimeError, [.pythonModule],
            names: ["example"],
            message: #"""
                Exit code: 1
                """#,
            log: #"""
                Traceback (most recent call last):
                  File "/app/.venv/bin/example", line 4, in <module>
                    from example.cli import app
                ModuleNotFoundError: No module named 'example'
                """#),
        Excerpt(
            265, "McCloudS/subgen/issues/25", .elsewhere, .runtimeError, [.pythonModule],
            names: ["no step of the Dockerfile installs", "fastapi"],
            message: #"""
                Exit code: 1
                """#,
            log: #"""
                Traceback (most recent call last):
                  File "/subgen/./subgen.py", line 29, in <module>
                    from fastapi import FastAPI, File, UploadFile, Query, Header, Body, Form, Request
                ModuleNotFoundError: No module named 'fastapi'
                """#,
            build: #"""
                --> FROM docker.io/library/python:3.11
                --> WORKDIR /subgen
                --> COPY subgen.py .
                """#),
        Excerpt(
            271, "modem7/docker-starwars/pull/40", .elsewhere, .runtimeError, [.permission],
            names: ["/run/nginx.pid", "pid /tmp/nginx.pid;"],
            message: #"""
                Exit code: 1
                """#,
            log: #"""
                2025/05/18 13:43:58 [emerg] 1#1: open() "/run/nginx.pid" failed (13: Permission denied)

                nginx: [emerg] open() "/run/nginx.pid" failed (13: Permission denied)
                """#),
        Excerpt(
            272, "sclorg/nginx-container/issues/208", .elsewhere, .runtimeError, [.permission],
            names: ["/var/cache/nginx/client_temp", "chown -R 1000 /var/cache/nginx"],
            message: #"""
                Exit code: 1
                """#,
            log: #"""
                2022/07/27 18:08:31 [warn] 1#1: the "user" directive makes sense only if the master process runs with super-user privileges, ignored in /etc/nginx/nginx.conf:3
                2022/07/27 18:08:31 [emerg] 1#1: mkdir() "/var/cache/nginx/client_temp" failed (13: Permission denied)
                nginx: [emerg] mkdir() "/var/cache/nginx/client_temp" failed (13: Permission denied)
                """#),
        Excerpt(
            273, "sdelrio/docker-minimal-nginx/issues/1", .elsewhere, .runtimeError, [.permission],
            names: ["/var/log/nginx/error.log", "error_log /dev/stderr;"],
            message: #"""
                Exit code: 1
                """#,
            log: #"""
                nginx: [alert] could not open error log file: open() "/var/log/nginx/error.log" failed (13: Permission denied)
                """#),
    ]
}
