import DockerSyntax
import Essentials
import HTTP
import SpacesModel
import TextTools

/// The questions about one image to its registry.
struct RegistryVisit {
    let image: ImageReference
    let client: RegistryClient
    let registry: Origin
    private let base: URL
    /// Who asks, as far as the registry wanted to know.
    private var pass = RegistryPass()

    var host: String { registry.description }

    init(_ image: ImageReference, client: RegistryClient) async throws(Failure) {
        let host = image.registry == "docker.io" ? "registry-1.docker.io" : image.registry
        guard let parsed = try? RemoteURL("https://\(host)"), parsed.user == nil, parsed.tail.isEmpty,
            let secure = URL(string: "https://\(host)"), let plain = URL(string: "http://\(host)"),
            let loopback = Origin(plain), let origin = Origin(secure)
        else { throw Failure(.settings, "image = \(image.familiar): no address can be made of \(host)") }
        let isPlain = loopback.isLoopback && client.gate.isNamed(loopback)
        (self.image, self.client) = (image, client)
        (base, registry) = isPlain ? (plain, loopback) : (secure, origin)
        if let objection = await client.gate.objection(to: base, home: registry) {
            throw Failure(
                .settings, "image = \(image.familiar): \(host) is not asked: \(objection)",
                hint:
                    "if it is meant, name it yourself: --image \(image.familiar), or image in your own settings "
                    + "(git config), not in a file of the source; the Hub's builder must reach it, too")
        }
    }

    /// The image, when its name still stands for this digest. A HEAD is no pull.
    mutating func stillThere(_ digest: String) async throws(Failure) -> ResolvedImage? {
        let answer = try await ask("HEAD", manifestPath)
        guard answer.status == 200, answer.headers["Docker-Content-Digest"] == digest else { return nil }
        return ResolvedImage(
            image, digest: digest, mediaType: answer.mediaType ?? "", isPrivate: pass.isPrivate)
    }

    /// The manifest that the name stands for, with its digest proven.
    mutating func manifest() async throws(Failure) -> RegistryManifest {
        let answer = try await ask("GET", manifestPath)
        guard answer.status == 200 else { throw await refusal(answer) }
        let manifest = RegistryManifest(answer)
        let said = answer.headers["Docker-Content-Digest"].flatMap { ImageReference.isDigest($0) ? $0 : nil }
        try prove(manifest.digest, image.digest ?? said)
        try prove(manifest.digest, said)
        return manifest
    }

    /// Reads what one image was built for.
    /// - Throws: `.refused` when the Hub's machines cannot run it.
    mutating func checkPlatform(_ config: String) async throws(Failure) {
        let answer = try await ask("GET", "/v2/\(image.repository)/blobs/\(config)", accept: "*/*")
        guard answer.status == 200 else { throw await refusal(answer) }
        try prove(RegistryManifest.digest(of: answer.body), config)
        let excess = JSON.excess(of: answer.body)
        guard excess.isEmpty else {
            throw Failure(
                .refused, "the configuration of image \(image.familiar) cannot be read", details: excess,
                hint: "the Hub's builder reads it, too: use another image")
        }
        let platform = RegistryManifest.platform(JSON(answer.body))
        guard let platform, platform != RegistryClient.platform else { return }
        throw otherPlatforms([platform])
    }

    func resolved(_ manifest: RegistryManifest, among entries: [RegistryManifest.Entry]) throws(Failure)
        -> ResolvedImage
    {
        guard let entry = entries.first(where: { $0.platform == RegistryClient.platform }) else {
            throw otherPlatforms(entries.map(\.platform))
        }
        return ResolvedImage(
            image, digest: manifest.digest, mediaType: manifest.mediaType, platformDigest: entry.digest,
            isPrivate: pass.isPrivate)
    }

    func resolved(_ manifest: RegistryManifest, size: Int) -> ResolvedImage {
        ResolvedImage(
            image, digest: manifest.digest, mediaType: manifest.mediaType, size: size,
            isPrivate: pass.isPrivate)
    }

    private var manifestPath: String {
        "/v2/\(image.repository)/manifests/\(image.digest ?? image.tag ?? "latest")"
    }

    private func prove(_ digest: String, _ claimed: String?) throws(Failure) {
        guard let claimed, claimed != digest else { return }
        throw Failure(
            .refused, "\(host) sends something else for image \(image.familiar) than its digest says",
            details: ["it should be \(claimed)", "it is \(digest)"],
            hint: "do not use it: the registry, or a proxy before it, is broken or not to be trusted")
    }

    private func otherPlatforms(_ platforms: [String]) -> Failure {
        let there =
            platforms.isEmpty ? "nothing that can be run" : platforms.prefix(12).joined(separator: ", ")
        return Failure(
            .refused,
            "image \(image.familiar) is not built for \(RegistryClient.platform), which the Hub runs: there is \(there)",
            hint:
                "docker buildx build --platform \(RegistryClient.platform) --tag \(image.unpinned.familiar) --push ."
        )
    }

    private mutating func refusal(_ answer: Response) async -> Failure {
        var refusal = RegistryRefusal(image: image, host: host, response: answer)
        (refusal.user, refusal.withheldFrom) = (pass.user, pass.withheldFrom)
        if answer.status == 404 { refusal.tags = await tags() }
        return refusal.failure
    }

    /// What there is instead; none when the registry does not say.
    private mutating func tags() async -> [String] {
        let path = "/v2/\(image.repository)/tags/list?n=1000"
        guard let answer = try? await ask("GET", path, accept: "application/json"), answer.isSuccess else {
            return []
        }
        let tags = JSON(answer.body)?["tags"].array?.compactMap(\.string) ?? []
        return tags.filter { (try? ImageReference("x:\($0)")) != nil }
    }
}

extension RegistryVisit {
    /// Asks the registry, showing it more as it wants to see more. Every status is an answer.
    private mutating func ask(
        _ method: String, _ path: String, accept: String = RegistryManifest.accepted
    ) async throws(Failure) -> Response {
        guard let url = URL(string: base.absoluteString + path) else {
            throw Failure(.internalFault, "no address can be made of \(path) at \(host)")
        }
        let route = RegistryRoute(image: image, registry: registry, client: client)
        var answer = try await route.fetch(method, url, accept: accept, pass.authorization)
        while try await pass.improve(after: answer, on: route) {
            answer = try await route.fetch(method, url, accept: accept, pass.authorization)
        }
        return answer
    }
}
