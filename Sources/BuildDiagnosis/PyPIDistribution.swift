/// The PyPI distribution that provides a Python module, usually of the same name.
struct PyPIDistribution: Hashable, Sendable {
    let module: String
    /// The name as in requirements.txt.
    let name: String

    init(of module: String) {
        let parts = module.split(separator: ".").map(String.init)
        let knownModule = (1...max(parts.count, 1)).reversed().lazy
            .map { parts.prefix($0).joined(separator: ".") }.first { Self.names[$0] != nil }
        self.module = knownModule ?? parts.first ?? module
        name = knownModule.flatMap { Self.names[$0] } ?? Self.guess(parts)
    }

    static func isKnown(_ module: String) -> Bool { names[module] != nil }

    /// Whether both distributions provide the same module, for example `opencv-python` and
    /// `opencv-python-headless`.
    func isSame(as other: some StringProtocol) -> Bool {
        let (normalizedName, other) = (Self.normalized(name), Self.normalized(other))
        return normalizedName == other
            || Self.families.contains { normalizedName.hasPrefix($0) && other.hasPrefix($0) }
    }

    private static func guess(_ parts: [String]) -> String {
        if parts.first == "google", parts.count > 2, parts[1] == "cloud" { return "google-cloud-\(parts[2])" }
        return (parts.first ?? "").replacing("_", with: "-")
    }

    /// Returns the name in lower case with `-` for `_` and `.`, without extras and version.
    private static func normalized(_ name: some StringProtocol) -> String {
        String(name.prefix { !"[<>=!~; ".contains($0) }).lowercased().replacing("_", with: "-").replacing(
            ".", with: "-")
    }

    private static let families = ["opencv-", "faiss-", "psycopg2", "onnxruntime"]
    private static let names = [
        "cv2": "opencv-python-headless", "PIL": "pillow", "sklearn": "scikit-learn", "yaml": "pyyaml",
        "bs4": "beautifulsoup4", "dotenv": "python-dotenv", "skimage": "scikit-image", "fitz": "pymupdf",
        "docx": "python-docx", "jwt": "pyjwt", "multipart": "python-multipart",
        "pkg_resources": "setuptools<81", "Crypto": "pycryptodome", "faiss": "faiss-cpu",
        "telegram": "python-telegram-bot", "pptx": "python-pptx", "dateutil": "python-dateutil",
        "magic": "python-magic", "google.generativeai": "google-generativeai", "google.genai": "google-genai",
        "google.protobuf": "protobuf", "google.auth": "google-auth", "google.oauth2": "google-auth",
        "googleapiclient": "google-api-python-client", "psycopg2": "psycopg2-binary",
        "MySQLdb": "mysqlclient", "mysql": "mysql-connector-python", "discord": "discord.py",
        "git": "gitpython", "OpenSSL": "pyopenssl", "whisper": "openai-whisper", "distutils": "setuptools",
        "attr": "attrs", "serial": "pyserial", "jose": "python-jose", "socketio": "python-socketio",
        "slugify": "python-slugify", "environ": "django-environ", "decouple": "python-decouple",
        "rest_framework": "djangorestframework", "corsheaders": "django-cors-headers", "nacl": "pynacl",
        "zmq": "pyzmq", "websocket": "websocket-client", "speech_recognition": "SpeechRecognition",
        "ffmpeg": "ffmpeg-python", "dns": "dnspython", "ruamel": "ruamel.yaml", "hydra": "hydra-core",
        "umap": "umap-learn", "bson": "pymongo", "tavily": "tavily-python",
        "serpapi": "google-search-results",
        "weaviate": "weaviate-client", "telebot": "pyTelegramBotAPI", "PyPDF2": "PyPDF2",
        "IPython": "ipython",
        "Levenshtein": "levenshtein", "Bio": "biopython", "Cython": "cython", "TTS": "coqui-tts",
        "OpenGL": "pyopengl", "Xlib": "python-xlib", "MeCab": "mecab-python3", "PyQt5": "PyQt5",
        "clip": "git+https://github.com/openai/CLIP.git",
    ]
}
