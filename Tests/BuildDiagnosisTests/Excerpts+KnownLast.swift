@testable import BuildDiagnosis
@testable import SpacesModel

extension Excerpt {
    /// The remaining excerpts of `knownMore`.
    static let knownLast: [Excerpt] = [
        Excerpt(
            83, "huridocs/pdf-document-layout-analysis/issues/130", .elsewhere, .runtimeError,
            [.packageVersions], names: ["gradio"],
            message: #"""
                Exit code: 1
                """#,
            log: #"""
                  File "/app/.venv/lib/python3.11/site-packages/gradio/blocks.py", line 1071, in __init__
                    super().__init__(render=False, **kwargs)
                TypeError: BlockContext.__init__() got an unexpected keyword argument 'theme'
                Traceback (most recent call last):
                  File "/app/./src/gradio_app.py", line 562, in <module>
                    with gr.Blocks(
                """#),
        Excerpt(
            85, "menloparklab/cohere-weaviate-wikipedia-retrieval/issues/3", .elsewhere, .runtimeError,
            [.pythonModule], names: ["app"],
            message: #"""
                Exit code: 3
                """#,
            log: #"""
                [2023-11-13 00:05:57 -0800] [32186] [INFO] Starting gunicorn 20.1.0
                [2023-11-13 00:05:57 -0800] [32186] [INFO] Listening at: http://127.0.0.1:8000 (32186)
                [2023-11-13 00:05:57 -0800] [32195] [ERROR] Exception in worker process
                Traceback (most recent call last):
                ModuleNotFoundError: No module named 'app'
                """#),
        Excerpt(
            86, "klabacher/Tusk/issues/2", .elsewhere, .runtimeError, [.pythonModule], names: ["Config"],
            message: #"""
                Exit code: 1
                """#,
            log: #"""
                Traceback (most recent call last):
                  File "app.py", line 5, in <module>
                    from Config import config
                ModuleNotFoundError: No module named 'Config'
                """#),
        Excerpt(
            88, "sczhou/CodeFormer/issues/143", .elsewhere, .runtimeError, [.loopback], names: ["0.0.0.0"],
            message: #"""
                Launch timed out, workload was not healthy after 30 min
                """#,
            log: #"""
                Running on local URL:  http://127.0.0.1:7860

                To create a public link, set `share=True` in `launch()`.
                """#),
        Excerpt(
            89, "open-mmlab/StyleShot/issues/54", .space, .runtimeError, [.packageVersions],
            names: ["numpy<2"],
            message: #"""
                Exit code: 1. Reason: 
                A module that was compiled using NumPy 1.x cannot be run in
                NumPy 2.2.4 as it may crash. To support both 1.x and 2.x
                versions of NumPy, modules must be compiled with NumPy 2.0.
                """#,
            log: #"""
                Traceback (most recent call last):
                  File "/home/user/app/app.py", line 7, in <module>
                    import cv2
                  File "/usr/local/lib/python3.10/site-packages/cv2/__init__.py", line 181, in <module>
                    bootstrap()
                """#),
        Excerpt(
            91, "Zheng-Chong/CatVTON/issues/133", .elsewhere, .runtimeError, [.gpuMemory],
            names: ["hardware"],
            message: #"""
                Exit code: 1
                """#,
            log: #"""
                torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 36.00 GiB. GPU 0 has a total capacity of 14.56 GiB of which 10.22 GiB is free.
                """#),
        Excerpt(
            92, "Tencent-Hunyuan/HunyuanVideo-Avatar/issues/21", .elsewhere, .runtimeError, [.sharedLibrary],
            names: ["libsndfile1"],
            message: #"""
                Exit code: 1
                """#,
            log: #"""
                OSError: cannot load library 'libsndfile.so': libsndfile.so: cannot open shared object file: No such file or directory
                """#),
        Excerpt(
            94, "pytorch/pytorch.github.io/issues/1289", .elsewhere, .runtimeError, [.sharedLibrary],
            names: ["libsndfile1"],
            message: #"""
                Exit code: 1
                """#,
            log: #"""
                  File "/app/python/lib/python3.8/site-packages/soundfile.py", line 142, in <module>
                    raise OSError('sndfile library not found')
                OSError: sndfile library not found
                """#),
        Excerpt(
            95, "infinigence/Infini-Megrez-Omni/issues/1", .elsewhere, .runtimeError,
            [.missingCommand, .missingFile], names: ["ffmpeg"],
            message: #"""
                Exit code: 1
                """#,
            log: #"""
                FileNotFoundError: [Errno 2] No such file or directory: 'ffmpeg'
                """#),
        Excerpt(
            97, "CiscoBlockChain/YOLO-Pi/issues/3", .elsewhere, .buildError, [.dockerfileSyntax],
            names: ["line 30"],
            log: #"""
                Error response from daemon: Dockerfile parse error line 30: unknown instruction: LIBHDF5-DEV
                """#),
        Excerpt(
            98, "phildougherty/sesame_csm_openai/issues/13", .elsewhere, .buildError, [.disk],
            log: #"""
                ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device
                """#),
    ]
}
