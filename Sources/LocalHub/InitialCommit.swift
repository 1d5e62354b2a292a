import TextTools

/// The contents of a new Space (hub-api.md 2.2).
enum InitialCommit {
    /// The `.gitattributes` of a new Space: 35 lines, 1519 bytes, blob
    /// a6344aac8c09253b3b630fb776ae94478aa0275b.
    static let gitAttributes =
        patterns.split(separator: " ").map { "\($0) filter=lfs diff=lfs merge=lfs -text\n" }.joined()

    private static let patterns = """
        *.7z *.arrow *.bin *.bz2 *.ckpt *.ftz *.gz *.h5 *.joblib *.lfs.* *.mlmodel *.model *.msgpack *.npy *.npz \
        *.onnx *.ot *.parquet *.pb *.pickle *.pkl *.pt *.pth *.rar *.safetensors saved_model/**/* *.tar.* *.tar \
        *.tflite *.tgz *.wasm *.xz *.zip *.zst *tfevents*
        """

    /// Returns the README: the front matter and a link to the configuration reference.
    static func readme(name: String, sdk: String, description: String?, license: String?) -> String {
        let colors = ["red", "yellow", "green", "blue", "indigo", "purple", "pink", "gray"]
        let seed = name.utf8.reduce(0) { ($0 &* 31 &+ Int($1)) & 0xffff }
        let title = name.split { $0 == "-" || $0 == "_" }.map { $0.prefix(1).uppercased() + $0.dropFirst() }
        var lines = [
            "---", "title: \(title.joined(separator: " "))", "emoji: 🚀",
            "colorFrom: \(colors[seed % 8])", "colorTo: \(colors[(seed / 8) % 8])", "sdk: \(sdk)",
        ]
        if sdk == "gradio" { lines += ["sdk_version: 5.49.1", "app_file: app.py"] }
        lines.append("pinned: false")
        if let license { lines.append("license: \(license)") }
        if let description { lines.append("short_description: \(JSON.string(description).text)") }
        lines += [
            "---", "",
            "Check out the configuration reference at https://huggingface.co/docs/hub/spaces-config-reference",
            "",
        ]
        return lines.joined(separator: "\n")
    }
}
