import Essentials

/// The Hub's rules for rejecting a push, with its messages (hub-api.md 2.4).
struct PushRules: Sendable {
    /// A new blob in the push.
    struct Blob: Sendable {
        var path: String
        /// The size in bytes.
        var size: Int
        /// The first 8000 bytes.
        var start: [UInt8]
        /// The LFS pointer in the blob; `nil` if it is not one. A pointer is small, so that `start`
        /// is the complete blob.
        var pointer: HubLFSPointer? { size < 1024 ? HubLFSPointer(start) : nil }
        /// Whether the blob is binary by Git's rule: there is a NUL in the first 8000 bytes.
        var isBinary: Bool { start.contains(0) }
    }

    /// A new tree in the push.
    struct Folder: Sendable {
        var path: String
        /// The number of entries.
        var count: Int
    }

    var ref: String
    var blobs: [Blob] = []
    var folders: [Folder] = []
    /// The README at the new head of `main`; `nil` if there is none.
    var readme: String?
    /// Returns whether the Hub has the LFS object with the size in the pointer.
    var hasObject: @Sendable (HubLFSPointer) -> Bool

    /// Returns the message lines of the first broken rule; `nil` if all rules are met.
    func rejection() -> [String]? { rejections().first }

    private func rejections() -> [[String]] {
        let large = blobs.filter { $0.size > 10 << 20 }, binary = blobs.filter(\.isBinary)
        let missing = blobs.filter { $0.pointer.map { !hasObject($0) } ?? false }
        let oversized = folders.filter { $0.count > 10_000 }, cardErrors = readme.map(CardRules.errors) ?? []
        return [
            large.isEmpty ? nil : Self.framed(Self.largeFilesMessage + offenders(large)),
            binary.isEmpty ? nil : Self.framed(Self.binaryFilesMessage + offenders(binary)),
            missing.isEmpty
                ? nil : Self.framed(Self.missingObjectsMessage + missing.map { "  - \($0.path)" }),
            oversized.isEmpty ? nil : Self.framed(Self.tooManyFilesMessage(oversized)),
            cardErrors.isEmpty ? nil : Self.framed(Self.cardMessage(cardErrors)),
        ].compactMap { $0 }
    }

    private func offenders(_ blobs: [Blob]) -> [String] {
        ["", "Offending files:"] + blobs.map { "  - \($0.path) (ref: \(ref))" }
    }

    private static func framed(_ lines: [String]) -> [String] {
        let rule = String(repeating: "-", count: 73)
        return [rule] + lines + [rule]
    }

    static func cardMessage(_ errors: [String]) -> [String] {
        ["Sorry, your push was rejected during YAML metadata verification:"]
            + errors.map { " - Error: \($0)" }
    }

    private static func tooManyFilesMessage(_ folders: [Folder]) -> [String] {
        let names = folders.map { "/\($0.path)/".replacingEach("//", with: "/") }
        return [
            "Your push was rejected because it contains too many files per directory.",
            "Offending directories: \(names.joined(separator: ", "))",
        ]
    }

    private static let largeFilesMessage = [
        "Your push was rejected because it contains files larger than 10 MiB.",
        "Please use https://git-lfs.github.com/ to store large files.",
        "See also: https://hf.co/docs/hub/repositories-getting-started#terminal",
    ]
    private static let binaryFilesMessage = [
        "Your push was rejected because it contains binary files.",
        "Please use https://huggingface.co/docs/hub/xet to store binary files.",
        "See also: https://huggingface.co/docs/hub/xet/using-xet-storage#git",
    ]
    private static let missingObjectsMessage = [
        "Your push was rejected because an LFS pointer pointed to a file that does not exist.",
        "For instance, this can happen if you used git push --no-verify to push your changes.",
        "Offending file:",
    ]
}

/// An LFS pointer file (git-lfs `docs/spec.md`).
struct HubLFSPointer: Hashable, Sendable {
    /// The SHA-256 of the object, 64 hexadecimal digits.
    var oid: String
    /// The size of the object in bytes.
    var size: Int

    init(oid: String, size: Int) { (self.oid, self.size) = (oid, size) }

    /// Parses a pointer file. `nil` if the bytes are not a pointer.
    init?(_ bytes: [UInt8]) {
        let text = String(decoding: bytes, as: UTF8.self)
        guard text.hasPrefix("version https://git-lfs.github.com/spec/v1\n") else { return nil }
        let pairs = text.split(separator: "\n").compactMap { line -> (Substring, Substring)? in
            line.firstIndex(of: " ").map { (line[..<$0], line[$0...].dropFirst()) }
        }
        let values = Dictionary(pairs) { first, _ in first }
        guard let oid = values["oid"], oid.hasPrefix("sha256:"),
            let size = values["size"].flatMap({ Int($0) })
        else { return nil }
        guard Self.isOID(oid.dropFirst(7)) else { return nil }
        self.init(oid: String(oid.dropFirst(7)), size: size)
    }

    /// The text of the pointer file.
    var file: String { "version https://git-lfs.github.com/spec/v1\noid sha256:\(oid)\nsize \(size)\n" }

    static func isOID(_ text: some StringProtocol) -> Bool {
        text.utf8.count == 64 && text.utf8.allSatisfy { (48...57).contains($0) || (97...102).contains($0) }
    }
}
