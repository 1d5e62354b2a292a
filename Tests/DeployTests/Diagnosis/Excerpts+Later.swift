extension Excerpt {
    /// Looked for when the clues of services, hashes, syntax and nginx stood: every result that quoted a log.
    static let later: [Excerpt] = [
        Excerpt(
            301, "pablovela5620/mini-dust3r/issues/8", .space, .runtimeError, [.platform],
            message: #"""
                Exit code: 128. Reason: failed to create containerd task: failed to create shim task: context canceled
                """#),
        Excerpt(
            302, "m3hrdadfi/albert-persian-lab/issues/13", .elsewhere, .runtimeError, [.pythonModule],
            names: ["line plotly"],
            message: #"""
                Exit code: 1
                """#,
            log: #"""
                ModuleNotFoundError: No module named 'plotly'
                Traceback:
                File "/usr/local/lib/python3.8/dist-packages/streamlit/ScriptRunner.py", line 319, in _run_script
                    exec(code, module.__dict__)
                File "/usr/src/albert-persian-lab/app.py", line 3, in <module>
                    from utils.loader import local_css, remote_css
                File "/usr/src/albert-persian-lab/utils/__init__.py", line 3, in <module>
                    import plotly.express as px
                """#),
        Excerpt(
            303, "bes-dev/stable_diffusion.openvino/issues/38", .elsewhere, .runtimeError, [.pythonModule],
            names: ["line streamlit-drawable-canvas"],
            message: #"""
                Exit code: 1
                """#,
            log: #"""
                  You can now view your Streamlit app in your browser.

                  Network URL: http://172.17.0.2:8501
                  External URL: http://80.208.65.21:8501

                2022-09-04 17:46:11.731 Uncaught app exception
                Traceback (most recent call last):
                  File "/usr/local/lib/python3.9/site-packages/streamlit/runtime/scriptrunner/script_runner.py", line 556, in _run_script
                    exec(code, module.__dict__)
                  File "/src/demo_web.py", line 6, in <module>
                    from streamlit_drawable_canvas import st_canvas
                ModuleNotFoundError: No module named 'streamlit_drawable_canvas'
                """#),
        Excerpt(
            304, "hsliuping/TradingAgents-CN/issues/416", .elsewhere, .runtimeError, [.pythonModule],
            names: ["line streamlit"],
            message: #"""
                Exit code: 1
                """#,
            log: #"""
                /usr/local/bin/python: No module named streamlit
                """#),
        Excerpt(
            305, "amineHY/docker-streamlit-app/issues/1", .elsewhere, .runtimeError, [.missingFile],
            names: ["main.py"],
            message: #"""
                Exit code: 2
                """#,
            log: #"""
                Error: Invalid value: File does not exist: main.py
                """#),
        Excerpt(
            306, "Lin-jun-xiang/docGPT-langchain/issues/6", .elsewhere, .runtimeError, [.dockerfileSyntax],
            names: ["[streamlit"],
            message: #"""
                Exit code: 127
                """#,
            log: #"""
                /bin/sh: 1: [streamlit,: not found
                """#),
        Excerpt(
            307, "MisterClean/chicago-crashes-pipeline/issues/71", .elsewhere, .runtimeError, [.localService],
            names: ["localhost:5432 (Postgres)"],
            message: #"""
                Exit code: 1
                """#,
            log: #"""
                  "event": "Error checking for due jobs: (psycopg2.OperationalError) connection to server at \"localhost\" (::1), port 5432 failed: Connection refused\n\tIs the server running on that host and accepting TCP/IP connections?\nconnection to server at \"localhost\" (127.0.0.1), port 5432 failed: Connection refused\n\tIs the server running on that host and accepting TCP/IP connections?",
                """#),
        Excerpt(
            308, "SpeciesFileGroup/taxonworks/issues/1495", .elsewhere, .runtimeError, [.localService, nil],
            message: #"""
                Exit code: 1
                """#,
            log: #"""
                app_1      |  rake aborted!
                app_1      | PG::ConnectionBad: could not connect to server: No such file or directory
                """#),
        Excerpt(
            309, "iv-org/invidious/issues/3572", .elsewhere, .runtimeError, [.localService, nil],
            message: #"""
                Exit code: 1
                """#,
            log: #"""
                Unhandled exception:  (DB::ConnectionRefused)
                  from lib/sqlite3/src/sqlite3/connection.cr:10:11 in '->'
                  from src/invidious.cr:61:15 in '__crystal_main'
                Caused by: Cannot establish connection (PQ::ConnectionError)
                  from lib/pg/src/pq/connection.cr:23 in 'new'
                Caused by: Error connecting to 'invidious-db:5432': Connection refused (Socket::ConnectError)
                """#),
        Excerpt(
            310, "MarquezProject/marquez/issues/3070", .elsewhere, .runtimeError, [.localService],
            names: ["localhost:5432 (Postgres)"],
            message: #"""
                Exit code: 1
                """#,
            log: #"""
                ! Causing: org.postgresql.util.PSQLException: Connection to localhost:5432 refused. Check that the hostname and port are correct and that the postmaster is accepting TCP/IP connections.
                """#),
        Excerpt(
            311, "MausamGaurav/DockerDjangoReactProject/issues/4", .elsewhere, .runtimeError, [.localService],
            names: ["127.0.0.1:5432 (Postgres)"],
            message: #"""
                Exit code: 1
                """#,
            log: #"""
                django.db.utils.OperationalError: could not connect to server: Connection refused
                	Is the server running on host "127.0.0.1" and accepting
                	TCP/IP connections on port 5432?
                """#),
        Excerpt(
            312, "nginx/docker-nginx-unprivileged/issues/5", .elsewhere, .runtimeError, [.permission],
            names: ["/var/cache/nginx/proxy_temp"],
            message: #"""
                Exit code: 1
                """#,
            log: #"""
                2018/09/10 13:32:57 [emerg] 1#1: mkdir() "/var/cache/nginx/proxy_temp" failed (13: Permission denied)
                nginx: [emerg] mkdir() "/var/cache/nginx/proxy_temp" failed (13: Permission denied)
                """#),
        Excerpt(
            313, "projectodd/openwhisk-openshift/issues/22", .elsewhere, .runtimeError, [.permission],
            names: ["/var/opt/rh/rh-nginx112/lib/nginx/tmp/client_body"],
            message: #"""
                Exit code: 1
                """#,
            log: #"""
                nginx: [alert] could not open error log file: open() "/var/opt/rh/rh-nginx112/log/nginx/error.log" failed (13: Permission denied)
                2018/03/27 16:56:28 [emerg] 1#0: mkdir() "/var/opt/rh/rh-nginx112/lib/nginx/tmp/client_body" failed (13: Permission denied)
                """#),
        Excerpt(
            314, "wireapp/wire-server/pull/3352", .elsewhere, .runtimeError, [.permission],
            names: ["/var/run/nginz.pid"],
            message: #"""
                Exit code: 1
                """#,
            log: #"""
                Starting nginx
                nginx PID: 8
                nginx: [alert] could not open error log file: open() "/var/log/nginx/error.log" failed (13: Permission denied)
                2023/06/14 23:01:59 [warn] 9#9: the "user" directive makes sense only if the master process runs with super-user privileges, ignored in /etc/wire/nginz/conf/nginx.conf:1
                2023/06/14 23:01:59 [emerg] 9#9: open() "/var/run/nginz.pid" failed (13: Permission denied)
                /nix/store/b6v3ffbwxi028wdhhrxdmg4ywfj6yngs-reload-script/bin/.nginz_reload.sh-wrapped: line 12: kill: (8) - No such process
                """#),
        Excerpt(
            315, "filecoin-saturn/L1-node/issues/115", .elsewhere, .runtimeError, [.permission],
            names: ["/usr/src/app/shared/nginx_cache"],
            message: #"""
                Exit code: 1
                """#,
            log: #"""
                2022/11/19 23:42:19 [emerg] 29#29: chown("/usr/src/app/shared/nginx_cache", 101) failed (1: Operation not permitted)
                nginx: [emerg] chown("/usr/src/app/shared/nginx_cache", 101) failed (1: Operation not permitted)
                """#),
        Excerpt(
            316, "streamnative/pulsar-manager/issues/218", .elsewhere, .runtimeError, [.permission],
            message: #"""
                Exit code: 1
                """#,
            log: #"""
                Starting Pulsar Manager Front end
                nginx: [alert] could not open error log file: open() "/var/lib/nginx/logs/error.log" failed (13: Permission denied)
                2021/08/11 11:27:15 [emerg] 8#8: mkdir() "/var/tmp/nginx/client_body" failed (13: Permission denied)
                Starting Pulsar Manager Back end
                touch: /pulsar-manager/supervisor.sock: Permission denied
                chmod: /pulsar-manager/supervisor.sock: No such file or directory
                Start Pulsar Manager by specifying a configuration file.
                Traceback (most recent call last):
                  File "/usr/bin/supervisord", line 11, in <module>
                """#),
        Excerpt(
            317, "tiangolo/uwsgi-nginx-docker/issues/86", .elsewhere, .runtimeError, [.permission],
            names: ["/etc/nginx/nginx.conf"],
            message: #"""
                Exit code: 1
                """#,
            log: #"""
                /entrypoint.sh: 45: /entrypoint.sh: cannot create /etc/nginx/nginx.conf: Permission denied
                """#),
        Excerpt(
            318, "wunderio/image-fuzzy-alpine-nginx-pagespeed/pull/2", .elsewhere, .runtimeError,
            [.permission], names: ["/var/log/access.log"],
            message: #"""
                Exit code: 1
                """#,
            log: #"""
                2016/05/03 10:04:14 [emerg] 1#0: open() "/var/log/access.log" failed (13: Permission denied)
                nginx: [emerg] open() "/var/log/access.log" failed (13: Permission denied)
                """#),
        Excerpt(
            319, "endernewton/tf-faster-rcnn/issues/507", .elsewhere, .buildError, [.pythonVersion],
            names: ["pip"],
            log: #"""
                --> RUN pip install image                 scipy                 matplotlib
                Traceback (most recent call last):
                  File "/usr/local/bin/pip", line 7, in <module>
                    from pip._internal.cli.main import main
                  File "/usr/local/lib/python2.7/dist-packages/pip/_internal/cli/main.py", line 60
                    sys.stderr.write(f"ERROR: {exc}")
                                                   ^
                SyntaxError: invalid syntax
                """#),
        Excerpt(
            320, "thombashi/tcconfig/issues/124", .elsewhere, .runtimeError,
            [nil, .startScript, .execFormat],
            message: #"""
                Exit code: 2
                """#,
            log: #"""
                /usr/local/bin/tcset: line 3: import: command not found
                /usr/local/bin/tcset: line 4: import: command not found
                /usr/local/bin/tcset: line 6: from: command not found
                /usr/local/bin/tcset: tcset: line 9: syntax error near unexpected token `('
                /usr/local/bin/tcset: tcset: line 9: `    sys.argv[0] = re.sub(r'(-script\.pyw?|\.exe)?$', '', sys.argv[0])\'
                """#),
        Excerpt(
            321, "kiwigrid/k8s-sidecar/issues/132", .elsewhere, .runtimeError, [.syntax],
            names: ["/app/sidecar.py, line 28", "3.6"],
            message: #"""
                Exit code: 1
                """#,
            log: #"""
                  File "/app/sidecar.py", line 28
                    print(f"Selected resource type: {resources}")
                                                               ^
                SyntaxError: invalid syntax
                """#),
        Excerpt(
            322, "almandin/fuxploider/issues/16", .elsewhere, .runtimeError, [.syntax],
            names: ["fuxploider.py, line 175", "3.6"],
            message: #"""
                Exit code: 1
                """#,
            log: #"""
                  File "fuxploider.py", line 175
                    print(f"[*] starting at {now.strftime('%H:%M:%S')}")
                                                                      ^
                SyntaxError: invalid syntax
                """#),
        Excerpt(
            323, "gmt2001/ouroboros/issues/44", .elsewhere, .runtimeError, [.syntax, .pythonVersion, nil],
            message: #"""
                Exit code: 1
                """#,
            log: #"""
                SyntaxError: invalid syntax. Perhaps you forgot a comma?

                Traceback (most recent call last):

                  File "/usr/local/bin/ouroboros", line 2, in <module>

                    from pyouroboros.ouroboros import main

                  File "/usr/local/lib/python3.10/site-packages/pyouroboros/ouroboros.py", line 105

                    docker_group.add_argument('-L', '--latest-only', default=Config.latest_only dest='LATEST_ONLY', action='store_true',
                """#),
        Excerpt(
            324, "Red5d/docker-autocompose/issues/64", .elsewhere, .runtimeError, [.syntax],
            names: ["autocompose.py, line 148"],
            message: #"""
                Exit code: 1
                """#,
            log: #"""
                  File "autocompose.py", line 148
                    print("That container is not available.", file=sys.stderr)
                                                                  ^
                SyntaxError: invalid syntax
                """#),
        Excerpt(
            325, "IFRCGo/cbs/issues/574", .elsewhere, .buildError, [.missingCommand], names: ["yarn"],
            log: #"""
                Step 4/12 : RUN yarn global add typescript
                ---> Running in 87b9f1a8034e
                container_linux.go:262: starting container process caused "exec: \"yarn\": executable file not found in $PATH"
                """#),
        Excerpt(
            326, "2snEM6/BenefitsCalculator/issues/2", .elsewhere, .buildError, [.missingCopy, nil],
            log: #"""
                Step 4/12 : COPY package*.json yarn.lock ./
                ERROR: Service 'frontend' failed to build: COPY failed: stat /var/lib/docker/tmp/docker-builder650929562/yarn.lock: no such file or directory
                """#),
        Excerpt(
            327, "netlify/build-image/issues/358", .elsewhere, .buildError, [.missingCommand],
            names: ["yarn"],
            log: #"""
                /bin/sh: 1: yarn: not found
                """#),
        Excerpt(
            328, "MycroftAI/mimic-recording-studio/pull/24", .elsewhere, .buildError, [.npm, nil],
            log: #"""
                npm ERR! code EEXIST
                npm ERR! syscall symlink
                npm ERR! path ../lib/node_modules/yarn/bin/yarn.js
                npm ERR! dest /usr/local/bin/yarn
                npm ERR! errno -17
                npm ERR! EEXIST: file already exists, symlink '../lib/node_modules/yarn/bin/yarn.js' -> '/usr/local/bin/yarn'
                npm ERR! File exists: /usr/local/bin/yarn
                """#),
        Excerpt(
            329, "freedomofpress/securedrop/issues/3269", .elsewhere, .buildError, [.hashes],
            names: ["pluggy==0.6.0"],
            log: #"""
                THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE. If you have updated the package versions, please update the hashes. Otherwise, examine the package contents carefully; someone may have tampered with them.
                    pluggy==0.6.0 from https://pypi.python.org/packages/82/05/pluggy-0.6.0-py2-none-any.whl#md5=78ae3816cb3f1b843de3af66c0f36a8b (from -r requirements-dev.txt (line 126)):
                        Expected sha256 7f8ae7f5bdf75671a718d2daf0a64b7885f74510bcd98b1a0bb420eb9a9d0cff
                             Got        d345c8fe681115900d6da8d048ba67c25df42973bda370783cd58826442dcd7c
                """#),
        Excerpt(
            330, "pypi/warehouse/issues/8705", .elsewhere, .buildError, [.hashes], names: ["pipenv"],
            log: #"""
                ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE. If you have updated the package versions, please update the hashes. Otherwise, examine the package contents carefully; someone may have tampered with them.
                    pipenv from https://files.pythonhosted.org/packages/8b/02/pipenv-2020.8.13-py2.py3-none-any.whl#sha256=448ac3a36443db633d52a2359cac15ecbc4f429eab4ddd420697602b721d1c5a:
                Expected sha256 448ac3a36443db633d52a2359cac15ecbc4f429eab4ddd420697602b721d1c5a
                Got <something else>
                """#),
        Excerpt(
            331, "cookiecutter/cookiecutter-django/issues/5494", .elsewhere, .buildError,
            [nil, .aptPackage, .platform],
            log: #"""
                failed to solve: process "/bin/sh -c apt-get update && apt-get install --no-install-recommends -y   build-essential   libpq-dev" did not complete successfully: exit code: 100
                """#),
        Excerpt(
            332, "ruddra/docker-django/issues/3", .elsewhere, .runtimeError, [.port, .loopback],
            names: ["127.0.0.1:8000", "0.0.0.0"],
            message: #"""
                Launch timed out, workload was not healthy after 30 min
                """#,
            log: #"""
                [2017-06-13 12:04:51 +0000] [9] [INFO] Starting gunicorn 19.6.0
                [2017-06-13 12:04:51 +0000] [9] [INFO] Listening at: http://127.0.0.1:8000 (9)
                [2017-06-13 12:04:51 +0000] [9] [INFO] Using worker: sync
                [2017-06-13 12:04:51 +0000] [12] [INFO] Booting worker with pid: 12
                """#),
        Excerpt(
            333, "gangtao/dataplay3/issues/8", .elsewhere, .runtimeError, [.port, .loopback],
            names: ["127.0.0.1:8000", "0.0.0.0"],
            message: #"""
                Launch timed out, workload was not healthy after 30 min
                """#,
            log: #"""
                [2019-04-30 11:03:31 +0000] [1595] [INFO] Starting gunicorn 19.9.0
                [2019-04-30 11:03:31 +0000] [1595] [INFO] Listening at: http://127.0.0.1:8000 (1595)
                [2019-04-30 11:03:31 +0000] [1595] [INFO] Using worker: sanic.worker.GunicornWorker
                [2019-04-30 11:03:31 +0000] [1609] [INFO] Booting worker with pid: 1609
                INFO:sanic.root:using static path /code/dataplay3/server/dataplay/filesvc/../static
                """#),
    ]
}
