@testable import BuildDiagnosis
@testable import SpacesModel

extension Excerpt {
    /// Excerpts collected with other search terms after the patterns were done: every result that
    /// quoted a log, in order.
    static let fresh: [Excerpt] = [
        Excerpt(
            101, "langflow-ai/langflow/issues/472", .space, .runtimeError, [.missingCommand],
            names: ["langflow"],
            message: #"""
                failed to create containerd task: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: exec: "langflow": executable file not found in $PATH: unknown
                """#),
        Excerpt(
            102, "FlowiseAI/Flowise/issues/5333", .space, .runtimeError, [.ended],
            message: #"""
                Exit code: 0. Reason: application does not seem to be initialized
                """#),
        Excerpt(
            103, "open-webui/open-webui/issues/4438", .space, .runtimeError, [nil],
            message: #"""
                Exit code: 1
                """#,
            log: #"""
                ERROR [apps.ollama.main] Connection error: Cannot connect to host host.docker.internal:11434 ssl:default [Name or service not known]
                """#),
        Excerpt(
            104, "MahmoudAshraf97/whisper-diarization/issues/244", .elsewhere, .runtimeError,
            [.packageVersions], names: ["huggingface_hub"],
            message: #"""
                Exit code: 1
                """#,
            log: #"""
                ModuleNotFoundError: No module named 'huggingface_hub.errors'
                """#),
        Excerpt(
            105, "wassim249/fastapi-langgraph-agent-production-ready-template/issues/18", .elsewhere,
            .runtimeError, [.missingCommand, .startScript], names: ["/app/.venv/bin/uvicorn"],
            message: #"""
                Exit code: 126
                """#,
            log: #"""
                /app/scripts/docker-entrypoint.sh: line 84: /app/.venv/bin/uvicorn: cannot execute: required file not found
                """#),
        Excerpt(
            106, "Unstructured-IO/unstructured-api/issues/468", .elsewhere, .runtimeError, [.port],
            names: ["8000"],
            message: #"""
                Launch timed out, workload was not healthy after 30 min
                """#,
            log: #"""
                2024-10-14 07:51:37,172 uvicorn.error INFO Started server process [7]
                2024-10-14 07:51:37,173 uvicorn.error INFO Application startup complete.
                2024-10-14 07:51:37,173 uvicorn.error INFO Uvicorn running on http://0.0.0.0:8000 (Press CTRL+C to quit)
                """#),
        Excerpt(
            107, "Kludex/uvicorn/issues/1878", .elsewhere, .runtimeError, [nil, .terminated],
            log: #"""
                INFO: Shutting down
                INFO: Waiting for application shutdown.
                INFO: Application shutdown complete.
                INFO: Finished server process [1]
                """#),
        Excerpt(
            108, "nanotaboada/python-samples-fastapi-restful/pull/335", .elsewhere, .runtimeError,
            [.missingCommand], names: ["uvicorn"],
            message: #"""
                Exit code: 127
                """#,
            log: #"""
                /bin/sh: 1: uvicorn: command not found
                """#),
        Excerpt(
            109, "docker/getting-started/issues/422", .elsewhere, .buildError, [nil, .buildDependency],
            log: #"""
                error: subprocess-exited-with-error

                × pip subprocess to install build dependencies did not run successfully.
                │ exit code: 1
                ╰─> See above for output.

                ERROR: failed to solve: process "/bin/sh -c pip install --no-cache-dir -r requirements.txt" did not complete successfully: exit code: 1
                """#),
        Excerpt(
            110, "docker/docs/issues/13576", .elsewhere, .buildError, [.noDistribution],
            names: ["apturl==0.5.2"],
            log: #"""
                ERROR: Could not find a version that satisfies the requirement apturl==0.5.2 (from versions: none)
                ERROR: No matching distribution found for apturl==0.5.2
                The command '/bin/sh -c pip3 install -r requirements.txt' returned a non-zero code: 1
                """#),
        Excerpt(
            111, "docker/docs/issues/13411", .elsewhere, .buildError, [nil, .missingFile],
            log: #"""
                ERROR: Could not install packages due to an OSError: [Errno 2] No such file or directory: '/tmp/build/80754af9/babel_1607110387436/work'
                """#),
        Excerpt(
            112, "dribnet/pixray/issues/39", .elsewhere, .buildError, [.outOfMemory],
            log: #"""
                error: failed to solve: executor failed running [/bin/sh -c pip install -r /tmp/requirements.txt && rm /tmp/requirements.txt]: exit code: 137
                """#),
        Excerpt(
            113, "fosrl/pangolin/pull/1608", .elsewhere, .buildError, [nil, .npm],
            log: #"""
                npm warn deprecated oslo@1.2.1: Package is no longer supported. Please see https://oslojs.dev for the successor project.
                npm notice New major version of npm available! 10.9.3 -> 11.6.1
                npm error Exit handler never called!
                """#),
        Excerpt(
            114, "nodejs/docker-node/issues/1236", .elsewhere, .buildError, [nil, .npm],
            log: #"""
                19582 error cb() never called!
                19583 error This is an error with npm itself. Please report this error at:
                npm ERR! cb() never called!
                """#),
        Excerpt(
            115, "microsoft/sample-app-aoai-chatGPT/issues/1083", .elsewhere, .buildError, [.npm],
            names: ["package-lock.json"],
            log: #"""
                npm error code EUSAGE
                npm error
                npm error The `npm ci` command can only install with an existing package-lock.json or
                npm error npm-shrinkwrap.json with lockfileVersion >= 1. Run an install with npm@5 or
                npm error later to generate a package-lock.json file, then try again.
                """#),
        Excerpt(
            116, "DomiStyle/docker-tor-browser/issues/50", .elsewhere, .buildError, [.npm],
            names: ["package-lock.json"],
            log: #"""
                #0 0.988 npm ERR! code EUSAGE
                #0 0.993 npm ERR! The `npm ci` command can only install with an existing package-lock.json or
                #0 0.993 npm ERR! npm-shrinkwrap.json with lockfileVersion >= 1. Run an install with npm@5 or
                """#),
        Excerpt(
            117, "docker-library/php/issues/1567", .elsewhere, .buildError, [.missingCommand],
            log: #"""
                Dockerfile:93
                >>> RUN npm ci && npm run build_uat
                ERROR: failed to solve: process "/bin/sh -c npm ci && npm run build_uat" did not complete successfully: exit code: 127
                """#),
        Excerpt(
            118, "mwielgoszewski/doorman/issues/109", .elsewhere, .buildError, [.missingCommand],
            names: ["npm"],
            log: #"""
                Requirement already up-to-date: pip in /usr/lib/python2.7/site-packages
                /bin/sh: npm: not found
                The command '/bin/sh -c apk add --update bash && npm install -g bower less' returned a non-zero code: 127
                """#),
        Excerpt(
            119, "KoljaB/RealtimeVoiceChat/issues/14", .elsewhere, .buildError, [nil],
            log: #"""
                FAILED: gelu.cuda.o 
                FAILED: layer_norm.cuda.o
                FAILED: softmax.cuda.o 
                FAILED: transform.cuda.o
                """#),
    ]
}
