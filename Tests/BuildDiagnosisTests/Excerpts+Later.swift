@testable import BuildDiagnosis
@testable import SpacesModel

extension Excerpt {
    /// Excerpts collected after the patterns for services, hashes, syntax and nginx were done:
    /// every result that quoted a log.
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
    ]
}
