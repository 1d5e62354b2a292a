@testable import BuildDiagnosis
@testable import SpacesModel

extension Excerpt {
    /// Excerpts with which the patterns were written: two of every three, first half.
    static let known: [Excerpt] = [
        Excerpt(
            1, "KyanChen/RSPrompter/issues/105", .space, .runtimeError, [.startTimeout],
            names: ["startup_duration_timeout"],
            message: #"""
                Launch timed out, workload was not healthy after 30 min
                """#),
        Excerpt(
            2, "pablovela5620/mini-dust3r/issues/8", .space, .runtimeError, [.platform],
            message: #"""
                Exit code: 128. Reason: failed to create containerd task: failed to create shim task: context canceled
                """#),
        Excerpt(
            4, "huggingface/hub-docs/issues/538", .space, .runtimeError, [.startTimeout],
            names: ["startup_duration_timeout"],
            message: #"""
                launch timed out, space was not healthy after 30 min
                """#),
        Excerpt(
            5, "PantoMatrix/PantoMatrix/issues/218", .space, .runtimeError, [.scheduling],
            message: #"""
                Scheduling failure: unable to schedule
                """#),
        Excerpt(
            7, "mimbres/YourMT3/issues/4", .space, .runtimeError, [.pythonModule], names: ["wandb"],
            message: #"""
                Exit code: 1. Reason: Traceback (most recent call last):
                """#,
            log: #"""
                ===== Application Startup at 2024-08-09 17:54:37 =====

                Traceback (most recent call last):
                  File "/home/user/app/app.py", line 13, in <module>
                    from model_helper import *
                  File "/home/user/app/amt/src/model/ymt3.py", line 21, in <module>
                    import wandb
                ModuleNotFoundError: No module named 'wandb'
                """#),
        Excerpt(
            8, "ScienciaLAB/document-qa/pull/42", .space, .buildError, [nil],
            message: #"""
                Job failed with exit code: 1. Reason: cache miss: [run 1/2] COPY --link ./ /app
                cache miss: [base 5/7] RUN --mount=target=/tmp/requirements.txt,source=requirements.txt     pip install --no-cache-dir -r /tmp/requirements.txt     streamlit==1.37.1
                cache miss: [pipfreeze 1/2] RUN mkdir -p /pipfreeze
                """#),
        Excerpt(
            10, "gradio-app/awesome-demos/issues/17#model", .space, .runtimeError, [.missingModel],
            names: ["mrm8488/camembert2camembert_shared-finetuned-french-summarization"],
            message: #"""
                Exit code: 1
                """#,
            log: #"""
                OSError: mrm8488/camembert2camembert_shared-finetuned-french-summarization is not a local folder and is not a valid model identifier listed on 'https://huggingface.co/models'
                """#),
        Excerpt(
            11, "OpenHands/OpenHands/issues/4595", .space, .buildError, [.terminated],
            message: #"""
                Job failed with exit code: 143
                """#),
        Excerpt(
            13, "huggingface/chat-ui/issues/511", .space, .runtimeError, [.permission], names: ["skrelan"],
            message: #"""
                Exit code: 1
                """#,
            log: #"""
                  File "/opt/conda/lib/python3.9/os.py", line 225, in makedirs
                    mkdir(name, mode)

                PermissionError: [Errno 13] Permission denied: 'skrelan'
                """#),
        Excerpt(
            14, "xLmiler/grok2api_python/issues/72", .space, .runtimeError, [.permission, .port],
            message: #"""
                Launch timed out, workload was not healthy after 30 min
                """#,
            log: #"""
                ===== Application Startup at 2025-05-16 04:00:53 =====

                2025-05-16 04:00:56 | ERROR    | app.py:save_token_status:187 | [TokenManager] [Errno 13] Permission denied: '/data/token_status.json'
                 * Serving Flask app 'app'
                 * Debug mode: off
                 * Running on all addresses (0.0.0.0)
                 * Running on http://127.0.0.1:3000
                 * Running on http://10.108.100.56:3000
                Press CTRL+C to quit
                """#),
        Excerpt(
            16, "fpnewton/DailyWirePodcastProxy/issues/34", .elsewhere, .runtimeError, [.browser],
            names: ["--no-sandbox"],
            message: #"""
                Exit code: 134
                """#,
            log: #"""
                One or more errors occurred. (Failed to launch browser! [0715/163752.042027:FATAL:zygote_host_impl_linux.cc(117)] No usable sandbox! Update your kernel or see https://chromium.googlesource.com/chromium/src/+/main/docs/linux/suid_sandbox_development.md
                """#),
        Excerpt(
            17, "microsoft/playwright/issues/2386", .elsewhere, .runtimeError, [.browser],
            names: ["--no-sandbox"],
            message: #"""
                Exit code: 1
                """#,
            log: #"""
                pw:browser:err [0602/145211.841401:FATAL:setuid_sandbox_host.cc(148)] The SUID sandbox helper binary is missing: /home/pwuser/chrome_sandbox Aborting now.
                """#),
        Excerpt(
            19, "apify/crawlee/issues/2275", .elsewhere, .runtimeError, [.browser],
            names: ["playwright install"],
            message: #"""
                Exit code: 1
                """#,
            log: #"""
                Error occurred browserType.launch: Executable doesn't exist at /home/myuser/pw-browsers/chromium-1117/chrome-linux/chrome
                ║ Looks like Playwright Test or Playwright was just installed or updated. ║
                """#),
        Excerpt(
            20, "huggingface/huggingface_hub/issues/3017", .space, .buildError, [.platform],
            log: #"""
                --> COPY --from=pipfreeze --link --chown=1000 /tmp/freeze.txt /tmp/freeze.txt
                DONE 0.0s
                --> Pushing image
                --> ERROR: failed to push spaces-registry.huggingface.tech/spaces/0123:cpu-f6a1616-gsdevkom: unexpected status from HEAD request to https://spaces-registry.huggingface.tech/v2/spaces/0123/manifests/cpu-f6a1616-gsdevkom: 401 Unauthorized
                """#),
        Excerpt(
            22, "pabloruizponce/in2IN/issues/4", .space, .runtimeError, [nil],
            log: #"""
                ===== Application Startup at 2024-09-11 23:33:10 =====

                {"timestamp":"2024-09-11T23:42:32.215830Z","level":"WARN","message":"Signal received, starting graceful shutdown","target":"init_process","line_number":408}
                """#),
        Excerpt(
            23, "thu-coai/DA-Transformer/issues/16", .space, .runtimeError, [.platform],
            message: #"""
                failed to create containerd task: failed to create shim task: context canceled: unknown
                """#,
            log: #"""
                ===== Application Startup at 2023-09-03 01:29:23 =====

                2023-09-03 01:40:53 | INFO | __main__ | args: Namespace(host='0.0.0.0', port=None, concurrency_count=1, share=False)
                /home/user/app/app.py:421: GradioDeprecationWarning: The `style` method is deprecated. Please set these arguments in the constructor instead.
                """#),
        Excerpt(
            25, "zlin0/wedefense/issues/93", .space, .buildError, [nil],
            message: #"""
                Job failed with exit code: 1. Reason: cache miss: [run 1/2] LINK COPY --link ./ /app
                cache miss: [base 6/7] RUN --mount=target=/tmp/requirements.txt,source=requirements.txt     pip install --no-cache-dir -r /tmp/requirements.txt     gradio[oauth,mcp]==5.33.0
                {"total":25,"completed":19,"user_total":14,"user_cached":5}
                """#),
        Excerpt(
            26, "huggingface/dataset-viewer/issues/2843", .space, .buildError, [nil],
            message: #"""
                Job failed with exit code: 1
                """#,
            log: #"""
                ERROR: Wheel 'botocore' located at /tmp/pip-unpack-6pji9o0y/botocore-1.12.198-py2.py3-none-any.whl is invalid.

                [notice] A new release of pip available: 22.3.1 -> 24.0

                --> ERROR: process "/bin/sh -c pip install --no-cache-dir -r /tmp/requirements.txt" did not complete successfully: exit code: 1
                """#),
        Excerpt(
            28, "newgenai79/newgenai/issues/16", .elsewhere, .buildError, [.conflict],
            names: ["huggingface-hub==0.25.2"],
            log: #"""
                The conflict is caused by:
                    The user requested huggingface-hub==0.25.2
                    transformers 4.47.1 depends on huggingface-hub<1.0 and >=0.24.0
                    diffusers 0.33.0.dev0 depends on huggingface-hub>=0.27.0

                To fix this you could try to:
                1. loosen the range of package versions you've specified
                """#),
        Excerpt(
            29, "QwenLM/Qwen3-VL/issues/1669", .elsewhere, .buildError, [.conflict],
            log: #"""
                ERROR: Cannot install -r requirements_web_demo.txt (line 2), -r requirements_web_demo.txt (line 3) and -r requirements_web_demo.txt (line 5) because these package versions have conflicting dependencies.

                The conflict is caused by:
                    gradio 5.46.1 depends on huggingface-hub<1.0 and >=0.33.5
                    transformers 5.0.0.dev0 depends on huggingface-hub==1.0.0.rc6

                ERROR: ResolutionImpossible: for help visit https://pip.pypa.io/
                """#),
        Excerpt(
            31, "FlowiseAI/Flowise/issues/2753", .space, .buildError, [nil],
            message: #"""
                Job failed with exit code: 1
                """#,
            log: #"""
                --> FROM docker.io/library/node:20-alpine
                DONE 0.0s
                --> RUN npm install -g flowise
                CACHED
                --> RUN mkdir -p $LOG_PATH $BLOB_STORAGE_PATH $FLOWISE_PATH/uploads && chmod -R 777 $LOG_PATH $BLOB_STORAGE_PATH $FLOWISE_PATH
                BusyBox v1.36.1 (2024-05-21 13:38:37 UTC) multi-call binary.

                Usage: chmod [-Rcvf] MODE[,MODE]... FILE...
                """#),
        Excerpt(
            32, "Vision-CAIR/MiniGPT-4/issues/107", .space, .runtimeError, [.missingSecret],
            names: ["API_TOKEN"],
            message: #"""
                Exit code: 1. Reason: Traceback (most recent call last):
                """#,
            log: #"""
                    raise KeyError(key) from None
                KeyError: 'API_TOKEN'
                """#),
        Excerpt(
            34, "KyanChen/RSPrompter/issues/19", .space, .runtimeError, [.outOfMemory],
            message: #"""
                Memory limit exceeded (16Gi)
                """#),
        Excerpt(
            35, "sedthh/pyxelate/pull/27", .space, .runtimeError, [.outOfMemory],
            message: #"""
                CPU Memory limit exceeded (16GB)
                """#),
        Excerpt(
            37, "black-forest-labs/flux/issues/466", .elsewhere, .runtimeError, [.packageVersions],
            names: ["gradio"],
            message: #"""
                Exit code: 1
                """#,
            log: #"""
                  File "/venv/lib/python3.10/site-packages/gradio_client/utils.py", line 898, in get_type
                    if "const" in schema:
                TypeError: argument of type 'bool' is not iterable
                Traceback (most recent call last):
                    raise ValueError(
                ValueError: When localhost is not accessible, a shareable link must be created. Please set share=True or check your proxy settings to allow access to localhost.
                """#),
        Excerpt(
            38, "DJHanceNL/Future-Roop/issues/18", .elsewhere, .runtimeError, [.packageVersions],
            names: ["gradio"],
            message: #"""
                Exit code: 1
                """#,
            log: #"""
                    if "const" in schema:
                TypeError: argument of type 'bool' is not iterable
                Exception When localhost is not accessible, a shareable link must be created. Please set share=True or check your proxy settings to allow access to localhost. when launching Gradio Server!
                Closing server running on port: 7860
                """#),
        Excerpt(
            40, "Zeyi-Lin/HivisionIDPhotos/issues/281", .elsewhere, .runtimeError, [.packageVersions],
            names: ["huggingface_hub"],
            message: #"""
                Exit code: 1
                """#,
            log: #"""
                  File "/usr/local/lib/python3.12/site-packages/gradio/oauth.py", line 13, in <module>
                    from huggingface_hub import HfFolder, whoami
                ImportError: cannot import name 'HfFolder' from 'huggingface_hub'
                """#),
        Excerpt(
            41, "gaomingqi/Track-Anything/issues/8", .elsewhere, .runtimeError, [.packageVersions],
            names: ["huggingface_hub"],
            message: #"""
                Exit code: 1
                """#,
            log: #"""
                  File "/opt/conda/lib/python3.10/site-packages/gradio_client/client.py", line 21, in <module>
                    from huggingface_hub import SpaceStage
                ImportError: cannot import name 'SpaceStage' from 'huggingface_hub' (unknown location)
                """#),
        Excerpt(
            43, "Zeyi-Lin/HivisionIDPhotos/issues/265", .elsewhere, .buildError, [.aptPackage],
            names: ["libgl1-mesa-glx", "libgl1"],
            log: #"""
                RUN apt-get update && apt-get install -y --no-install-recommends ffmpeg libgl1-mesa-glx libglib2.0-0
                Package libgl1-mesa-glx is not available, but is referred to by another package.
                E: Package 'libgl1-mesa-glx' has no installation candidate
                """#),
        Excerpt(
            44, "danny-avila/LibreChat/issues/4062", .space, .buildError, [.missingCopy],
            names: ["librechat.yaml"],
            log: #"""
                --> RUN mkdir -p /app/api/logs/
                CACHED

                --> COPY librechat.yaml /app/librechat.yaml # Uncomment this and comment out the previous line to use the local librechat.yaml

                --> ERROR: failed to calculate checksum of ref vye9uumgsopb70nw096g
                """#),
        Excerpt(
            46, "infiniflow/ragflow/issues/5135", .elsewhere, .buildError, [.missingCopy], names: ["/.git"],
            log: #"""
                ERROR: failed to solve: failed to compute cache key: failed to calculate checksum of ref 7da38710-a6ce-4a7d-9049-057ba1430ef0::mf6s0i1gs597gpu63dim6oruj: "/.git": not found
                """#),
        Excerpt(
            47, "dusty-nv/jetson-containers/issues/1422", .elsewhere, .buildError, [.baseImage],
            names: ["dustynv/ros:humble-ros-base-l4t-r36.3.0"],
            log: #"""
                failed to solve: dustynv/ros:humble-ros-base-l4t-r36.3.0: failed to resolve source metadata for docker.io/dustynv/ros:humble-ros-base-l4t-r36.3.0: unexpected status from HEAD request to https://registry-1.docker.io/v2/dustynv/ros/manifests/humble-ros-base-l4t-r36.3.0: 401 Unauthorized
                """#),
        Excerpt(
            49, "n8n-io/n8n/issues/11102", .elsewhere, .runtimeError, [.permission],
            names: ["/home/node/.n8n"],
            message: #"""
                Exit code: 1
                """#,
            log: #"""
                (node:7) [EACCES] Warning: Error
                module: @oclif/core@4.0.7
                code: EACCES
                message: EACCES: permission denied, open '/home/node/.n8n/config'
                See more details with DEBUG=*
                """#),
    ]
}
