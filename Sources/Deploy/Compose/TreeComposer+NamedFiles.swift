import DeploySettings
import GitPatterns
import SpacesModel
import TextTools

/// Files that the Hub reads by name: symbolic links, Git LFS pointers, other encodings and names in
/// other case are replaced by a regular text file with the exact name.
extension TreeComposer {
    /// Replaces symbolic links by the files that they point to, and gives files with other capitals
    /// the exact name. Must run before blobs are fetched, so that the right ones are fetched.
    mutating func resolveNamedFiles(from top: TreeBuilder, in draft: inout TreeBuilder)
        async throws(DeployError)
    {
        guard convertsNamedFiles else { return }
        var findings: [Finding] = []
        let dockerfile =
            if let path = target.dockerfile { try await file(at: path, in: top) } else { nil as ObjectID? }
        for name in HubNamedFile.names {
            // Only the card decides whether the Space needs a Dockerfile.
            var sourceName = name
            if name != "Dockerfile" {
                sourceName = try await renameVariant(of: name, in: &draft, builtBy: dockerfile, &findings)
            }
            guard let node = draft[name] else { continue }
            switch node {
            case .directory, .entry(.tree, _):
                findings.append(
                    errorFinding(name, .fileName, "is a directory; the Hub expects a file"))
            case .entry(.submodule, _):
                findings.append(
                    errorFinding(name, .submodule, "is a submodule; the Hub expects a file"))
            case .entry(.symlink, _):
                try await replaceSymlink(name, sourceName, from: top, in: &draft, &findings)
            case .entry: break
            }
        }
        if let failure = DeployError.preflight(findings, target.space) { throw failure }
    }

    /// Writes the files that the Hub reads by name as UTF-8 text. Requires their blobs in the store.
    mutating func convertNamedFiles(in draft: inout TreeBuilder, over old: TreeBuilder)
        async throws(DeployError)
    {
        guard convertsNamedFiles else { return }
        for name in HubNamedFile.names { try await convert(name, in: &draft, over: old) }
        try await exemptNamedFiles(in: &draft)
    }

    /// Whether the files are converted: the tree of a Space (promote, rollback) is deployed
    /// unchanged.
    private var convertsNamedFiles: Bool { snapshot.promotion == nil && !snapshot.isFromSpace }

    /// Returns the file of the source at a path after following links; `nil` if there is none.
    func file(at path: Path, in top: TreeBuilder) async throws(DeployError) -> ObjectID? {
        switch try await top.resolveSymlinks(path, in: store, read: sourceText) {
        case .file(_, _, let blob): return blob
        case .missing: return nil
        case .invalidLink(let reason): throw failure(errorFinding(path, .symlink, "symlink \(reason)"))
        }
    }

    /// Renames a file with another spelling of `name`. The file also keeps its old name if another
    /// file mentions it.
    /// - Parameter dockerfile: the Dockerfile that the settings name.
    /// - Returns: the file's name in the source; `name` itself if there is no other spelling.
    mutating func renameVariant(
        of name: Path, in draft: inout TreeBuilder, builtBy dockerfile: ObjectID? = nil,
        _ findings: inout [Finding]
    ) async throws(DeployError) -> Path {
        let variants = HubNamedFile.variants(of: name, in: draft)
        guard let variant = variants.first else { return name }
        guard variants.count == 1 else {
            let names = variants.map(\.shown).joined(separator: ", ")
            findings.append(
                Finding(
                    .error, variant, .fileNameCase, "several spellings of \(name): \(names)",
                    fix: "keep one file, named \(name)"))
            return name
        }
        draft[name] = draft[variant]
        var readers = HubNamedFile.buildFiles(in: draft, except: [name, variant])
        if let dockerfile { readers.append(dockerfile) }
        var isMentioned = false
        for reader in readers where !isMentioned {
            isMentioned = try await sourceText(reader).text.contains(variant.description)
        }
        if !isMentioned { draft[variant] = nil }
        messages.append("\(name): renamed from \(variant.shown) (the Hub reads only this spelling)")
        return variant
    }

    /// Replaces a symbolic link by the file that it points to.
    /// - Parameter sourceName: the file's name in the source.
    mutating func replaceSymlink(
        _ name: Path, _ sourceName: Path, from top: TreeBuilder, in draft: inout TreeBuilder,
        _ findings: inout [Finding]
    ) async throws(DeployError) {
        let added = try await addedPath(of: sourceName)
        let origin = try await SourcePathResolver(target, in: snapshot, store: store).unfollowedOrigin(
            of: sourceName)
        let path = added ?? origin ?? target.root.appending(sourceName)
        let base = added != nil ? snapshot.untrackedFiles : top
        switch try await base.resolveSymlinks(path, in: store, read: sourceText) {
        case .file(let targetPath, let kind, let blob):
            draft[name] = .entry(kind, blob)
            messages.append("\(name): the symlink is replaced by the file it points to, \(targetPath.shown)")
        case .missing: findings.append(errorFinding(sourceName, .symlink, "symlink can't be followed"))
        case .invalidLink(let reason):
            findings.append(errorFinding(sourceName, .symlink, "symlink \(reason)"))
        }
    }

    /// Returns the path in the work tree of a file that `add` took from there; `nil` for any other
    /// file.
    private func addedPath(of path: Path) async throws(DeployError) -> Path? {
        for mapping in target.adds.reversed() {
            if mapping.destination(of: .root) == path { return mapping.from }
            guard mapping.to.contains(path), mapping.to != path else { continue }
            let workTreePath = mapping.from.appending(
                inside: Path(joining: path.names.dropFirst(mapping.to.names.count)))
            if try await snapshot.untrackedFiles.node(at: workTreePath, in: store) != nil {
                return workTreePath
            }
        }
        return nil
    }

    private func errorFinding(_ path: Path, _ rule: Finding.Rule, _ reason: String) -> Finding {
        Finding(
            .error, path, rule, reason,
            fix: "use a regular file, or set exclude = \(path.pattern)")
    }

    private func failure(_ finding: Finding) -> DeployError {
        DeployError.preflight([finding], target.space) ?? DeployError(.refused, finding.description)
    }

    /// Returns the content of a file of the source, fetched if it is not in the store; empty for a
    /// file over `maxSize`.
    func sourceText(_ blob: ObjectID) async throws(DeployError) -> [UInt8] {
        if let fetchSourceBlobs = snapshot.fetchBlobs, await !store.contains(blob) {
            try await fetchSourceBlobs([blob])
        }
        guard try await store.size(of: blob) <= HubNamedFile.maxSize else { return [] }
        return try await store.content(of: blob)
    }

    mutating func convert(_ name: Path, in draft: inout TreeBuilder, over old: TreeBuilder)
        async throws(DeployError)
    {
        guard case .entry(let kind, let blob)? = draft[name], kind == .file || kind == .executable else {
            return
        }
        // A blob that the Space already has is not fetched only to convert it.
        guard await store.contains(blob), try await store.size(of: blob) <= HubNamedFile.maxSize else {
            return
        }
        let bytes = try await store.content(of: blob)
        var (text, changes) = (bytes, [String]())
        if let pointer = LFSPointer(bytes) {
            text = try await content(of: pointer, at: name)
            changes.append("the Git LFS pointer is replaced by its file (\(pointer.size.asSize))")
        }
        let plainText = PlainText(text)
        (text, changes) = (plainText.bytes, changes + plainText.changes)
        if text.contains(.carriageReturn), HubNamedFile.needsUnixLineEnds(name, text) {
            text = text.withUnixLineEnds
            changes.append("CRLF line endings converted to LF")
        }
        if name == "README.md", let card = try misplacedCard(in: text) {
            text = card.correctedReadme
            sourceFindings.append(
                Finding(
                    .warning, name, line: card.line, .card,
                    "front matter must begin on line 1; it is moved there on the Space",
                    fix: "move it to line 1 in the source too, between two --- lines"))
        }
        guard text != bytes else { return }
        draft[name] = .entry(kind, try await store.write(blob: text))
        if !changes.isEmpty { messages.append("\(name): \(changes.joined(separator: "; "))") }
    }

    private func misplacedCard(in text: [UInt8]) throws(DeployError) -> MisplacedCard? {
        guard let card = MisplacedCard(text) else { return nil }
        guard let problem = card.problem else { return card }
        let finding = Finding(
            .error, "README.md", line: card.line, .card,
            "front matter must begin on line 1, and this one is invalid: \(problem)",
            fix: "fix it and move it to line 1, between two --- lines")
        throw failure(finding)
    }

    private func content(of pointer: LFSPointer, at name: Path) async throws(DeployError) -> [UInt8] {
        var reason = "LFS object not found"
        if pointer.size > HubNamedFile.maxSize {
            reason = "LFS object of \(pointer.size.asSize); at most \(HubNamedFile.maxSize.asSize) are read"
        } else if let content = try await snapshot.lfsContent?(LFSFile(name, pointer, .object)) {
            return content
        }
        let finding = Finding(
            .error, name, .lfsPointer, reason,
            fix: "run `git lfs fetch --all` in the source repository, or commit the file itself")
        throw failure(finding)
    }

    /// Excludes the files that the Hub reads by name from Git LFS if a line of `.gitattributes`
    /// includes them: the Hub can't read a pointer.
    private mutating func exemptNamedFiles(in draft: inout TreeBuilder) async throws(DeployError) {
        guard let blob = draft[".gitattributes"]?.blob, await store.contains(blob) else { return }
        let bytes = try await store.content(of: blob)
        let attributes = LFSAttributes([".gitattributes": bytes])
        let names = HubNamedFile.names.filter { draft[$0]?.blob != nil && attributes.usesLFS($0) }
        guard !names.isEmpty else { return }
        let lines = GitattributesWriter.excluding(names, in: bytes)
        draft[".gitattributes"] = .entry(.file, try await store.write(blob: lines))
        let shown = names.map(\.shown).joined(separator: ", ")
        messages.append(
            ".gitattributes: \(shown) excluded from Git LFS (the Hub can't read a pointer)")
    }
}

extension GitattributesWriter {
    /// Returns the content of a `.gitattributes` file with appended lines that undo `filter=lfs` for
    /// the paths.
    static func excluding(_ paths: [Path], in bytes: [UInt8]) -> [UInt8] {
        let start = bytes.isEmpty || bytes.last == .newline ? bytes : bytes + [.newline]
        return start + paths.flatMap { Array("/\($0) !filter !diff !merge !text\n".utf8) }
    }
}
