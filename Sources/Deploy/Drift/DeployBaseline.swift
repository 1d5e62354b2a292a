import DeploySettings
import FrontMatter
import SpacesModel

/// The state of the Space that a deploy is measured from: its head and its last deploy.
struct DeployBaseline: Sendable {
    var head: Commit?
    var lastDeploy: Commit?
    /// The newest commit of hub-sync, whose tree that tool pushed; only set if there is no deploy.
    var hubSyncCommit: Commit?
    /// Keys of the Space's card that complete the composed card: keys that earlier deploys inherited,
    /// and keys that were added on the Hub.
    var completedKeys = ReadmeComposer.defaultInheritedKeys
    /// Returns the commit that the Space and the source last had in common; `nil` if there is none.
    func base(for snapshot: SourceSnapshot) -> Commit? {
        lastDeploy ?? hubSyncCommit.flatMap { $0.isHubSync(of: snapshot.repository) ? $0 : nil }
    }
    /// The number of commits of the Space's history that are searched for a deploy.
    static var searchDepth: Int { 100 }
    /// Whether the Space has a commit but no deploy.
    var isAdoption: Bool { head != nil && lastDeploy == nil }
}

/// Reads the baseline of a deploy from the Space's history.
struct BaselineReader: Sendable {
    let target: Target
    let environment: DeployEnvironment
    private var objects: any ObjectDatabase { environment.objects }
    private var space: any SpaceRepository { environment.space }

    /// Loads the last deploy of the Space, and the card keys that this deploy inherits from it. With
    /// `history = source` the head is the last deploy.
    func load(of state: SpaceHead) async throws(DeployError) -> DeployBaseline {
        guard let head = state.head else { return DeployBaseline() }
        guard !state.isPristine, !target.pushesHistory else {
            return DeployBaseline(head: head, lastDeploy: head)
        }
        var baseline = try await load(below: head)
        if let deploy = baseline.lastDeploy, deploy.isDeploy {
            baseline.completedKeys = deploy.preservedKeys + (try await addedKeys(on: head, since: deploy))
        } else if baseline.isAdoption, let readme = try await objects.readme(in: head.tree) {
            try await space.fetchBlobs([readme])
            baseline.completedKeys = Card.read(try await objects.content(of: readme)).keys
        }
        return baseline
    }

    /// Returns the last deploy at or below the head, or the head itself if it is the Hub's initial
    /// commit or a commit of the source's history (design 4.6).
    func lastDeploy(below head: Commit) async throws(DeployError) -> Commit? {
        try await load(below: head).lastDeploy
    }

    /// Loads the last deploy at or below the head, or the newest commit of hub-sync if there is no
    /// deploy.
    private func load(below head: Commit) async throws(DeployError) -> DeployBaseline {
        var baseline = DeployBaseline(head: head, lastDeploy: head)
        if head.isDeploy { return baseline }
        if try await isPristine(head) { return baseline }
        if await environment.source?.contains(commit: head.id) == true { return baseline }
        let commits = try await space.commits(of: target.spaceBranch, limit: DeployBaseline.searchDepth)
        baseline.lastDeploy = commits.first(where: \.isDeploy)
        if baseline.lastDeploy == nil { baseline.hubSyncCommit = commits.first(where: \.isHubSync) }
        if let base = baseline.lastDeploy ?? baseline.hubSyncCommit {
            try await space.fetchTrees(of: base.id)
        }
        return baseline
    }

    /// Returns the card keys that were added on the Hub since a deploy.
    private func addedKeys(on head: Commit, since deploy: Commit) async throws(DeployError) -> [String] {
        guard head.id != deploy.id else { return [] }
        let readmes = (
            now: try await objects.readme(in: head.tree), then: try await objects.readme(in: deploy.tree)
        )
        guard readmes.now != readmes.then else { return [] }
        let cards = (now: try await card(in: readmes.now), then: try await card(in: readmes.then))
        return cards.now.keys.filter { !cards.then.hasValue($0) }
    }

    private func card(in readme: ObjectID?) async throws(DeployError) -> CardDocument {
        guard let readme else { return Card.read([]) }
        try await space.fetchBlobs([readme])
        return Card.read(try await objects.content(of: readme))
    }

    /// Whether a commit is the Hub's initial commit. Fetches its files in one request if they are
    /// missing locally.
    func isPristine(_ head: Commit) async throws(DeployError) -> Bool {
        guard head.parents.isEmpty, !head.isDeploy else { return false }
        let entries = try await objects.entries(of: head.tree)
        let names: Set<Path> = ["README.md", ".gitattributes"]
        guard !entries.isEmpty, entries.allSatisfy({ names.contains($0.name) && $0.kind == .file }) else {
            return false
        }
        try await space.fetchBlobs(entries.map(\.id))
        for entry in entries {
            guard try await objects.size(of: entry.id) <= InitialHubFiles.sizeLimit,
                InitialHubFiles.matches(entry.name, try await objects.content(of: entry.id))
            else { return false }
        }
        return true
    }
}

/// The SDK of a Space before and after a deploy.
struct SDKChange: Hashable, Sendable {
    var old: String?
    var new: String?
}

extension Commit {
    /// Seconds since 1970.
    var date: Int64 { commitTime ?? author.time }

    /// The subject, or for a rollback the subject of the deploy that it restored.
    var plainSubject: String {
        var text = subject[...]
        while text.hasPrefix("Roll back to "), let colon = text.firstIndex(of: ":") {
            text = text[text.index(after: colon)...].drop { $0 == " " }
        }
        return text.isEmpty ? "an earlier deploy" : String(text)
    }

    /// The commit as an entry of the Space's history.
    package var historyEntry: HistoryEntry {
        HistoryEntry(id: id, subject: subject, trailers: Trailers(of: message))
    }

    /// Whether spacesync made the commit (trailer `Spacesync`).
    var isDeploy: Bool { Trailers(of: message)["Spacesync"] != nil }
    /// Whether the action huggingface/hub-sync made the commit, by its subject: `Sync from OWNER/REPO
    /// via hub-sync`.
    var isHubSync: Bool { hubSyncOrigin != nil }

    /// Whether hub-sync pushed the commit from this repository; true if one of the two repositories is
    /// not known.
    func isHubSync(of repository: String) -> Bool {
        guard let hubSyncOrigin else { return false }
        guard hubSyncOrigin != "GitHub", let address = RepositoryAddress(repository) else { return true }
        return address.ends(with: hubSyncOrigin)
    }

    /// `OWNER/REPO`, or `GitHub` if the subject names no repository; `nil` if hub-sync did not make the
    /// commit.
    private var hubSyncOrigin: String? {
        let parts = subject.split(separator: " ", omittingEmptySubsequences: false)
        guard parts.count == 5, parts[..<2] == ["Sync", "from"], parts[3...] == ["via", "hub-sync"] else {
            return nil
        }
        let names = parts[2].split(separator: "/", omittingEmptySubsequences: false)
        let isName = parts[2] == "GitHub" || (names.count == 2 && names.allSatisfy { SpaceID.isValid($0) })
        return isName ? String(parts[2]) : nil
    }

    /// Keys of the card that this deploy inherited from the Space's card (trailer `Card-Kept`).
    var preservedKeys: [String] {
        let names = Trailers(of: message)["Card-Kept"]?.split(separator: ",") ?? []
        return names.map { $0.filter { $0 != " " } }
    }
}
