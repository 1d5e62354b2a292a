@testable import BuildDiagnosis
@testable import SpacesModel

extension Excerpt {
    /// Excerpts with which the patterns were written: two of every three, second half.
    static let knownMore: [Excerpt] = [
        Excerpt(
            50, "n8n-io/n8n/issues/4246", .elsewhere, .runtimeError, [.permission],
            message: #"""
                Exit code: 1
                """#,
            log: #"""
                Initializing n8n process
                UserSettings were generated and saved to: /home/node/.n8n/config
                 ›   Error: There was an error: EACCES: permission denied, mkdir 
                 ›   '/usr/local/lib/node_modules/n8n/dist/public'
                """#),
        Excerpt(
            52, "vipulraheja/medit/issues/2", .space, .runtimeError, [.missingModel],
            names: ["grammarly/medit-xxl"],
            message: #"""
                Exit code: 1
                """#,
            log: #"""
                ===== Application Startup at 2024-06-21 21:01:19 =====
                FutureWarning: `resume_download` is deprecated and will be removed in version 1.0.0.
                Traceback (most recent call last):
                requests.exceptions.HTTPError: 404 Client Error: Not Found for url: https://huggingface.co/grammarly/medit-xxl/resolve/main/config.json

                The above exception was the direct cause of the following exception:

                Traceback (most recent call last):
                """#),
        Excerpt(
            53, "paulbricman/conceptarium/issues/21", .space, .runtimeError, [.missingFile],
            names: ["components"],
            message: #"""
                Exit code: 1
                """#,
            log: #"""
                FileNotFoundError: [Errno 2] No such file or directory: 'components'
                Traceback:

                File "/home/user/app/frontend/main.py", line 12, in <module>
                    microverses.paint()
                """#),
        Excerpt(
            55, "fudan-generative-vision/hallo3/issues/19", .elsewhere, .runtimeError, [.missingFile],
            names: ["/root/pywork/hallo3/scripts/app.py"],
            message: #"""
                Exit code: 2
                """#,
            log: #"""
                python: can't open file '/root/pywork/hallo3/scripts/app.py': [Errno 2] No such file or directory
                """#),
        Excerpt(
            56, "ToTheBeginning/PuLID/issues/97", .elsewhere, .runtimeError, [.gatedModel],
            names: ["black-forest-labs/FLUX.1-dev"],
            message: #"""
                Exit code: 1
                """#,
            log: #"""
                huggingface_hub.errors.GatedRepoError: 401 Client Error. (Request ID: Root=1-66f4b037)

                Cannot access gated repo for url https://huggingface.co/black-forest-labs/FLUX.1-dev/resolve/main/ae.safetensors.
                Access to model black-forest-labs/FLUX.1-dev is restricted. You must have access to it and be authenticated to access it. Please log in.
                """#),
        Excerpt(
            58, "Atinoda/text-generation-webui-docker/issues/36", .elsewhere, .runtimeError, [.execFormat],
            names: ["amd64"],
            message: #"""
                Exit code: 1
                """#,
            log: #"""
                exec /scripts/docker-entrypoint.sh: exec format error
                """#),
        Excerpt(
            59, "MedAziz11/Uptime-Kuma-Web-API/issues/36", .elsewhere, .runtimeError, [.startScript],
            names: ["/app/entrypoint.sh"],
            message: #"""
                Exit code: 1
                """#,
            log: #"""
                exec /app/entrypoint.sh: no such file or directory
                """#),
        Excerpt(
            61, "shibing624/text2vec/issues/136", .elsewhere, .runtimeError, [.packageVersions],
            names: ["gradio"],
            message: #"""
                Exit code: 1
                """#,
            log: #"""
                AttributeError: module 'gradio' has no attribute 'inputs'
                """#),
        Excerpt(
            62, "harisreedhar/Swap-Mukham/issues/89", .elsewhere, .runtimeError, [.packageVersions],
            names: ["gradio"],
            message: #"""
                Exit code: 1
                """#,
            log: #"""
                AttributeError: module 'gradio' has no attribute 'Box'
                """#),
        Excerpt(
            64, "danny-avila/LibreChat/issues/9023", .elsewhere, .runtimeError, [.nodeModule, .missingFile],
            names: ["@librechat/api/dist/index.js"],
            message: #"""
                Exit code: 1
                """#,
            log: #"""
                > cross-env NODE_ENV=production node api/server/index.js

                node:internal/modules/cjs/loader:643
                      throw e;

                Error: Cannot find module '/app/node_modules/@librechat/api/dist/index.js'
                    at createEsmNotFoundErr (node:internal/modules/cjs/loader:1249:15)
                """#),
        Excerpt(
            65, "babaohuang/GeminiProChat/issues/3", .elsewhere, .runtimeError, [.nodeModule],
            names: ["send"],
            message: #"""
                Exit code: 1
                """#,
            log: #"""
                node:internal/modules/esm/resolve:853
                  throw new ERR_MODULE_NOT_FOUND(packageName, fileURLToPath(base), null);

                Error [ERR_MODULE_NOT_FOUND]: Cannot find package 'send' imported from /usr/src/dist/server/entry.mjs
                    at packageResolve (node:internal/modules/esm/resolve:853:9)
                """#),
        Excerpt(
            67, "vercel/next.js/issues/68762", .elsewhere, .buildError, [.missingCommand], names: ["next"],
            log: #"""
                0.424 > qweb@0.1.0 build
                0.424 > next build
                0.424 
                0.426 sh: next: not found
                ------
                ERROR: failed to solve: process "/bin/sh -c npm run build" did not complete successfully: exit code: 127
                """#),
        Excerpt(
            68, "MantisAI/hugie/pull/46", .elsewhere, .runtimeError, [.missingSecret],
            names: ["HUGGINGFACE_READ_TOKEN"],
            message: #"""
                Exit code: 1
                """#,
            log: #"""
                    settings = Settings()
                  File "pydantic/env_settings.py", line 39, in pydantic.env_settings.BaseSettings.__init__
                pydantic.error_wrappers.ValidationError: 1 validation error for Settings
                huggingface_read_token
                  field required (type=value_error.missing)
                """#),
        Excerpt(
            70, "ali-vilab/VACE/issues/52", .elsewhere, .buildError, [.buildDependency], names: ["torch"],
            log: #"""
                Collecting flash_attn (from -r requirements.txt (line 16))
                  Getting requirements to build wheel ... error
                  error: subprocess-exited-with-error

                  × Getting requirements to build wheel did not run successfully.
                  │ exit code: 1
                      ModuleNotFoundError: No module named 'torch'
                      [end of output]
                """#),
        Excerpt(
            71, "whyNLP/LCKV/issues/17", .elsewhere, .buildError, [.buildDependency], names: ["torch"],
            log: #"""
                ModuleNotFoundError: No module named 'torch'

                hint: This error likely indicates that `flash-attn@2.8.1` depends on `torch`, but doesn't declare it as a build dependency.
                """#),
        Excerpt(
            73, "Future-House/paper-qa/issues/196", .space, .runtimeError, [.missingSecret],
            names: ["OPENAI_API_KEY"],
            message: #"""
                Space failed. Exit code: 1. Reason: Traceback (most recent call last):
                  File "app.py", line 2, in <module>
                    import paperqa
                  File "pydantic/main.py", line 341, in pydantic.main.BaseModel.__init__
                pydantic.error_wrappers.ValidationError: 1 validation error for ChatOpenAI
                __root__
                  Did not find openai_api_key, please add an environment variable `OPENAI_API_KEY` which contains it, or pass  `openai_api_key` as a named parameter. (type=value_error)
                """#),
        Excerpt(
            74, "numz/ComfyUI-SeedVR2_VideoUpscaler/issues/37", .elsewhere, .runtimeError, [.missingSecret],
            names: ["OPENAI_API_KEY"],
            message: #"""
                Exit code: 1
                """#,
            log: #"""
                openai.OpenAIError: The api_key client option must be set either by passing api_key to the client or by setting the OPENAI_API_KEY environment variable
                """#),
        Excerpt(
            76, "PromtEngineer/localGPT/issues/458", .elsewhere, .runtimeError, [.packageVersions],
            names: ["sqlite"],
            message: #"""
                Exit code: 1
                """#,
            log: #"""
                  File "/usr/local/lib/python3.10/site-packages/chromadb/__init__.py", line 69, in <module>
                    raise RuntimeError(
                RuntimeError: Your system has an unsupported version of sqlite3. Chroma requires sqlite3 >= 3.35.0.
                """#),
        Excerpt(
            77, "microsoft/playwright/issues/35762", .elsewhere, .runtimeError, [.browser],
            names: ["--with-deps"],
            message: #"""
                Exit code: 1
                """#,
            log: #"""
                Error scraping product info: BrowserType.launch: 
                ║ Host system is missing dependencies to run browsers. ║
                ║ Please install them with the following command:      ║
                ║     sudo playwright install-deps                     ║
                """#),
        Excerpt(
            79, "TabbyML/tabby/issues/3132", .space, .runtimeError, [.permission],
            message: #"""
                Exit code: 101
                """#,
            log: #"""
                ===== Application Startup at 2024-09-12 05:10:03 =====

                The application panicked (crashed).
                Message:  called `Result::unwrap()` on an `Err` value: Os { code: 1, kind: PermissionDenied, message: "Operation not permitted" }
                Location: crates/tabby/src/main.rs:68
                """#),
        Excerpt(
            80, "mindee/doctr/issues/951", .space, .runtimeError, [.permission],
            names: ["/home/user/.cache/doctr"],
            message: #"""
                Exit code: 1
                """#,
            log: #"""
                PermissionError: [Errno 13] Permission denied: '/home/user/.cache/doctr'
                Traceback:

                File "/home/user/app/app.py", line 113, in <module>
                    main()
                """#),
        Excerpt(
            82, "facebookresearch/vfusion3d/issues/10", .elsewhere, .runtimeError, [.packageVersions],
            names: ["gradio"],
            message: #"""
                Exit code: 1
                """#,
            log: #"""
                  File "/usr/lib/python3.10/site-packages/gradio/component_meta.py", line 159, in wrapper
                    return fn(self, **kwargs)
                TypeError: Component.__init__() got an unexpected keyword argument 'key'
                """#),
    ]
}
