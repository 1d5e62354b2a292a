/// What would surely not start on the Hub: said before anything is sent.
struct Preflight: Sendable {
    let sdk: String?

    /// - Throws: kind `refused`, when the file that this kind of Space starts from is not in the tree.
    func examine(_ draft: TreeDraft, for target: Target, in store: some ObjectStoring) async throws(Failure) {
        guard let (file, mend) = try await startingFile(draft, store) else { return }
        guard let path = Path(tidy: file), try await draft.node(at: path, in: store) == nil else { return }
        throw Failure(
            .refused, "\(target.space) would not start: there is no \(file) in what is deployed",
            details: ["a \(sdk ?? "docker") Space starts from it; the Hub's word for this is NO_APP_FILE"],
            hint: mend)
    }

    /// The file, and what to do when it is missing; nil when a build step makes it.
    private func startingFile(
        _ draft: TreeDraft, _ store: some ObjectStoring
    ) async throws(Failure) -> (String, String)? {
        guard let readme = draft["README.md"]?.blob else { return nil }
        let card = Card.read(try await store.content(of: readme))
        let named = card.value(of: "app_file")
        switch sdk {
        case "docker": return ("Dockerfile", "add one, name one (dockerfile = PATH), or set another sdk")
        case "gradio": return (named ?? "app.py", "add it, or name the file: card = app_file: FILE.py")
        case "static" where card.value(of: "app_build_command") == nil:
            return (named ?? "index.html", "add it, or name the file: card = app_file: FILE.html")
        default: return nil
        }
    }
}
