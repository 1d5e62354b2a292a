@testable import BuildDiagnosis
@testable import SpacesModel

extension Excerpt {
    /// The remaining excerpts of `later`.
    static let laterNext: [Excerpt] = [
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
