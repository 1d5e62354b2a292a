@testable import BuildDiagnosis
@testable import SpacesModel

extension Excerpt {
    /// Excerpts collected like `later`, for causes that had patterns before: builds, libraries, packages, Node.
    static let laterMore: [Excerpt] = [
        Excerpt(
            340, "AbdBarho/stable-diffusion-webui-docker/issues/160", .elsewhere, .buildError,
            [.dockerfileSyntax], names: ["line 14"],
            log: #"""
                failed to solve: rpc error: code = Unknown desc = failed to solve with frontend dockerfile.v0: failed to solve with frontend gateway.v0: rpc error: code = Unknown desc = dockerfile parse error on line 14: unknown instruction: git
                """#),
        Excerpt(
            341, "phildougherty/sesame_csm_openai/issues/32", .elsewhere, .buildError, [.missingCommand],
            log: #"""
                  17 |     # Login with token if provided
                  18 | >>> RUN if [ -n "$HF_TOKEN" ]; then \
                  19 | >>>     huggingface-cli login --token ${HF_TOKEN}; \
                  20 | >>>     fi
                failed to solve: process "/bin/sh -c if [ -n \"$HF_TOKEN\" ]; then     huggingface-cli login --token ${HF_TOKEN};     fi" did not complete successfully: exit code: 127
                """#),
        Excerpt(
            342, "bghira/SimpleTuner/issues/728", .elsewhere, .buildError, [nil],
            log: #"""
                 - SecretsUsedInArgOrEnv: Do not use ARG or ENV instructions for sensitive data (ARG "HUGGING_FACE_HUB_TOKEN") (line 50)
                 - SecretsUsedInArgOrEnv: Do not use ARG or ENV instructions for sensitive data (ENV "HUGGING_FACE_HUB_TOKEN") (line 51)
                  72 | >>> RUN cd SimpleTuner && python3 -m venv .venv && poetry install --no-root
                ERROR: failed to solve: process "/bin/sh -c cd SimpleTuner && python3 -m venv .venv && poetry install --no-root" did not complete successfully: exit code: 1
                """#),
        Excerpt(
            343, "zaldivards/ContextQA/issues/25", .elsewhere, .buildError, [nil, .npm],
            log: #"""
                ERROR: failed to solve: process "/bin/sh -c npm install && npm i -g serve" did not complete successfully: exit code: 254
                """#),
        Excerpt(
            344, "fisher60/friendo-bot/issues/68", .elsewhere, .runtimeError, [.sharedLibrary],
            names: ["apt-get install -y lib"],
            message: #"""
                Exit code: 1
                """#,
            log: #"""
                ImportError: libGL.so.1: cannot open shared object file: No such file or directory
                ImportError: libgthread-2.0.so.0: cannot open shared object file: No such file or directory
                """#),
        Excerpt(
            345, "anibali/docker-pytorch/pull/20", .elsewhere, .runtimeError, [.sharedLibrary],
            names: ["libsm6"],
            message: #"""
                Exit code: 1
                """#,
            log: #"""
                ImportError: libSM.so.6: cannot open shared object file: No such file or directory
                """#),
        Excerpt(
            346, "Borda/docker_python-opencv-ffmpeg/issues/8", .elsewhere, .runtimeError, [.sharedLibrary],
            names: ["libQt5Core.so.5"],
            message: #"""
                Exit code: 1
                """#,
            log: #"""
                Traceback (most recent call last):
                  File "/usr/local/lib/python3.7/dist-packages/cv2/__init__.py", line 86, in bootstrap
                    import cv2
                ImportError: libQt5Core.so.5: cannot open shared object file: No such file or directory
                """#),
        Excerpt(
            348, "gradio-app/gradio/issues/1132", .elsewhere, .runtimeError,
            [.packageVersions, .pythonModule, nil],
            message: #"""
                Exit code: 1
                """#,
            log: #"""
                AttributeError: module 'gradio' has no attribute 'Interface'
                """#),
        Excerpt(
            349, "gaomingqi/Track-Anything/issues/140", .elsewhere, .runtimeError, [.packageVersions],
            names: ["huggingface_hub"],
            message: #"""
                Exit code: 1
                """#,
            log: #"""
                  File "/opt/conda/lib/python3.11/site-packages/gradio/components/annotated_image.py", line 7, in <module>
                    import gradio_client.utils as client_utils
                ImportError: cannot import name 'CommitOperationAdd' from 'huggingface_hub'
                """#),
        Excerpt(
            350, "gradio-app/gradio/issues/8596", .space, .runtimeError, [nil, .missingModel],
            message: #"""
                Exit code: 1
                """#,
            log: #"""
                Fetching Space from: https://huggingface.co/spaces/phanav/coeurun_back
                Traceback (most recent call last):
                  File "/usr/local/lib/python3.10/site-packages/gradio/external.py", line 421, in from_spaces
                    config = json.loads(result.group(1))  # type: ignore
                AttributeError: 'NoneType' object has no attribute 'group'

                The above exception was the direct cause of the following exception:

                Traceback (most recent call last):
                  File "/home/user/app/app.py", line 6, in <module>
                    demo = gr.load("phanav/coeurun_back", hf_token=os.getenv("HUGGINGFACE_ACCESS_TOKEN"), src="spaces")
                  File "/usr/local/lib/python3.10/site-packages/gradio/external.py", line 423, in from_spaces
                    raise ValueError(f"Could not load the Space: {space_name}") from ae
                ValueError: Could not load the Space: phanav/coeurun_back
                """#),
        Excerpt(
            352, "cherubicXN/afm_cvpr2019/issues/5", .elsewhere, .runtimeError, [.permission],
            names: ["/.cache", "HOME"],
            message: #"""
                Exit code: 1
                """#,
            log: #"""
                PermissionError: [Errno 13] Permission denied: '/.cache'
                """#),
        Excerpt(
            353, "av/harbor/issues/262", .elsewhere, .runtimeError, [.permission],
            names: ["/root/.cache/huggingface/hub"],
            message: #"""
                Exit code: 1
                """#,
            log: #"""
                Ignored error while writing tree cache file /root/.cache/huggingface/hub/models--Qwen--Qwen3.8-27B/trees/1d4bf0f2ff6012fd82039f2fa52739d0dd7c60c0.json: [Errno 13] Permission denied: '/root/.cache/huggingface/hub'
                Ignored error while writing commit hash to /root/.cache/huggingface/hub/models--Qwen--Qwen3.8-27B/refs/main: [Errno 13] Permission denied: '/root/.cache/huggingface/hub'.
                Fetching 32 files:   0%|                                                                                            | 0/32 [00:00<?, ?it/s]
                Traceback (most recent call last):
                """#),
        Excerpt(
            354, "mikesvoboda/nemotron-v3-home-security-intelligence/issues/1386", .elsewhere, .runtimeError,
            [.permission], names: ["/cache/huggingface"],
            message: #"""
                Exit code: 1
                """#,
            log: #"""
                Could not cache non-existence of file. Will ignore error and continue. Error: [Errno 13] Permission denied: '/cache/huggingface/hub/models--PekingU--rtdetr_r50vd_coco_o365/.no_exist/457857cec8ac28ddede40ecee9eed2beca321af8/processor_config.json'
                """#),
        Excerpt(
            355, "browser-use/web-ui/issues/684", .elsewhere, .buildError, [.aptPackage],
            names: ["libgconf-2-4"],
            log: #"""
                E: Unable to locate package libgconf-2-4
                """#),
        Excerpt(
            356, "ukwa/docker-pdf2htmlex/issues/2", .elsewhere, .buildError, [nil, .aptPackage],
            log: #"""
                  12 | >>>     apt-get -qqy install pdf2htmlex && \
                  13 | >>>     apt-get -qqy install python-dev python-flask gunicorn python-pip && \
                  14 | >>>     rm -rf /var/lib/apt/lists/*
                ERROR: failed to solve: process "/bin/sh -c apt-get -qqy update &&     apt-get -qqy install pdf2htmlex &&     apt-get -qqy install python-dev python-flask gunicorn python-pip &&     rm -rf /var/lib/apt/lists/*" did not complete successfully: exit code: 100
                """#),
        Excerpt(
            357, "apple/axlearn/issues/915", .elsewhere, .buildError, [.aptPackage],
            names: ["apt-get update"],
            log: #"""
                6.100 Failed to fetch http://deb.debian.org/debian/pool/main/g/glib2.0/libglib2.0-data_2.74.6-2%2bdeb12u3_all.deb  404  Not Found [IP: 151.101.194.132 80]
                6.100 E: Unable to fetch some archives, maybe run apt-get update or try with --fix-missing?
                ------
                ERROR: failed to solve: executor failed running [/bin/sh -c apt-get install -y google-perftools]: exit code: 100
                """#),
        Excerpt(
            358, "FinnBehrendt/node21-submit/pull/1", .elsewhere, .buildError, [.aptPackage],
            names: ["build-essential", "apt-get update"],
            log: #"""
                E: Unable to locate package build-essential
                The command '/bin/sh -c apt-get install build-essential -y' returned a non-zero code: 100
                """#),
        Excerpt(
            359, "Letdown2491/signet/issues/1", .elsewhere, .runtimeError, [.missingFile, .nodeModule],
            names: ["/app/dist/index.js"],
            message: #"""
                Exit code: 1
                """#,
            log: #"""
                node:internal/modules/cjs/loader:1147
                  throw err;
                  ^

                Error: Cannot find module '/app/dist/index.js'
                    at Module._resolveFilename (node:internal/modules/cjs/loader:1144:15)
                    at Module._load (node:internal/modules/cjs/loader:985:27)
                  code: 'MODULE_NOT_FOUND',
                  requireStack: []
                }
                """#),
        Excerpt(
            360, "vuestorefront/vue-storefront-api/issues/278", .elsewhere, .runtimeError,
            [.missingFile, .nodeModule], names: ["/var/www/dist"],
            message: #"""
                Exit code: 1
                """#,
            log: #"""
                [nodemon] starting `node dist`
                internal/modules/cjs/loader.js:638
                    throw err;
                    ^

                Error: Cannot find module '/var/www/dist'
                    at Function.Module._resolveFilename (internal/modules/cjs/loader.js:636:15)
                [nodemon] app crashed - waiting for file changes before starting...
                """#),
        Excerpt(
            361, "dwyl/env2/issues/47", .elsewhere, .runtimeError, [.nodeModule], names: ["env2"],
            message: #"""
                Exit code: 1
                """#,
            log: #"""
                Error: Cannot find module 'env2'
                at Function.Module._resolveFilename (module.js:469:15)
                """#),
        Excerpt(
            362, "jordojordo/deepcrate/issues/13", .elsewhere, .runtimeError, [.nodeModule],
            names: ["winston"],
            message: #"""
                Exit code: 1
                """#,
            log: #"""
                node:internal/modules/cjs/loader:1424
                  throw err;
                  ^

                Error: Cannot find module 'winston'
                Require stack:
                - /app/dist/config/logger.js
                - /app/dist/server.js
                    at Module._resolveFilename (node:internal/modules/cjs/loader:1421:15)
                """#),
        Excerpt(
            363, "lpgera/dirigera-web/issues/1074", .elsewhere, .runtimeError, [.missingFile, .nodeModule],
            names: ["/usr/src/app/backend/dist/index.js"],
            message: #"""
                Exit code: 1
                """#,
            log: #"""
                > node -r dotenv/config dist/index.js dotenv_config_path=../.env
                node:internal/modules/cjs/loader:1152
                  throw err;
                  ^
                Error: Cannot find module '/usr/src/app/backend/dist/index.js'
                    at Module._resolveFilename (node:internal/modules/cjs/loader:1144:15)
                    at Module._load (node:internal/modules/cjs/loader:985:27)
                  code: 'MODULE_NOT_FOUND',
                  requireStack: []
                }
                npm ERR! Lifecycle script `start` failed with error: 
                npm ERR! Error: command failed 
                npm ERR!   in workspace: backend 
                npm ERR!   at location: /usr/src/app/backend
                """#),
    ]
}
