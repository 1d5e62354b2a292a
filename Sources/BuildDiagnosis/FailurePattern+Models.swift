extension FailurePattern {
    /// Models and data sets on the Hub that the app downloads.
    static let models: [FailurePattern] = [
        FailurePattern(
            "cannot access gated repo", "gatedrepoerror", "access to model ", "access to dataset ",
            "trying to access a gated repo"
        ) { at in
            let nearbyLines = Array(at.preceding(4)) + Array(at.following(6))
            let name = nearbyLines.lazy.compactMap {
                $0.text.after("access to model ")?.firstWord ?? repository(in: $0.text)
            }.first
            let url = name.map { "https://huggingface.co/\($0)" } ?? "its page"
            return CauseCandidate(
                cause: .gatedModel,
                why: "\(name ?? "a model that the app fetches") is gated, and the Space's token opens it not",
                fix:
                    "accept its terms at \(url), then spacesync secrets set \(at.space) HF_TOKEN=env:HF_TOKEN"
            )
        },
        FailurePattern(
            "is not a local folder and is not a valid model identifier", "repository not found for url",
            "repositorynotfounderror", "404 client error", "401 client error"
        ) { at in
            let name = repository(in: at.text) ?? at.text.before(" is not a local folder")?.lastWord
            let nearbyName = at.following(5).lazy.compactMap { repository(in: $0.text) }.first
            guard
                at.line.has(anyOf: [
                    "huggingface.co", "local folder", "repositorynotfound", "repository not found",
                ]),
                let model = name ?? nearbyName, model.isPlainWord
            else { return nil }
            // The lines after a gated model's 401 name the cause themselves.
            guard !at.occursNearby("gated", "is restricted") else { return nil }
            return CauseCandidate(
                cause: .missingModel,
                why:
                    "the Hub has no \(model) for this app: the name is wrong, a file is not there, or it is private",
                fix:
                    "look at https://huggingface.co/\(model); a private one needs spacesync secrets set \(at.space) HF_TOKEN=env:HF_TOKEN"
            )
        },
    ]

    /// Returns `owner/name` of `https://huggingface.co/owner/name/resolve/…`.
    private static func repository(in text: String) -> String? {
        guard let path = text.after("huggingface.co/")?.firstWord else { return nil }
        var parts = path.split(separator: "/").map(String.init)
        if parts.first == "api" { parts.removeFirst() }
        if let first = parts.first, ["models", "datasets", "spaces"].contains(first), parts.count > 2 {
            parts.removeFirst()
        }
        guard parts.count >= 3 || text.after("for url") != nil, parts.count >= 2 else { return nil }
        let name = parts.prefix(2).joined(separator: "/")
        return name.isPlainWord ? name : nil
    }
}
