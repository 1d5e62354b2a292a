import Testing

@testable import DockerSyntax
@testable import SpacesModel

private let sha = "sha256:" + String(repeating: "0f", count: 32)

struct ImageReferenceTests {
    @Test(arguments: [
        ("python", "docker.io/library/python:latest", "python:latest"),
        ("python:3.12-slim", "docker.io/library/python:3.12-slim", "python:3.12-slim"),
        ("me/app", "docker.io/me/app:latest", "me/app:latest"),
        ("docker.io/python", "docker.io/library/python:latest", "python:latest"),
        ("index.docker.io/me/app:1", "docker.io/me/app:1", "me/app:1"),
        ("ghcr.io/owner/app", "ghcr.io/owner/app:latest", "ghcr.io/owner/app:latest"),
        ("GHCR.io/owner/app:V1.0", "ghcr.io/owner/app:V1.0", "ghcr.io/owner/app:V1.0"),
        ("localhost/x", "localhost/x:latest", "localhost/x:latest"),
        ("localhost:5000/x", "localhost:5000/x:latest", "localhost:5000/x:latest"),
        ("localhost:5000/x:2", "localhost:5000/x:2", "localhost:5000/x:2"),
        ("[::1]:5000/x/y", "[::1]:5000/x/y:latest", "[::1]:5000/x/y:latest"),
        ("10.0.0.5:443/x", "10.0.0.5:443/x:latest", "10.0.0.5:443/x:latest"),
        (
            "ghcr.io/a/b.c_d__e---f/g:_x.y-z", "ghcr.io/a/b.c_d__e---f/g:_x.y-z",
            "ghcr.io/a/b.c_d__e---f/g:_x.y-z"
        ),
        ("app@\(sha)", "docker.io/library/app@\(sha)", "app@\(sha)"),
        ("ghcr.io/o/app:1@\(sha)", "ghcr.io/o/app:1@\(sha)", "ghcr.io/o/app:1@\(sha)"),
        ("quay.io/a:5000/b", nil, nil),
    ])
    func `a name is parsed as in docker`(_ text: String, _ canonical: String?, _ familiar: String?) {
        let reference = try? ImageReference(text)
        #expect(reference?.description == canonical)
        #expect(reference?.familiar == familiar)
        guard let canonical, let familiar else { return }
        #expect((try? ImageReference(canonical)) == reference)
        #expect((try? ImageReference(familiar)) == reference)
    }

    @Test(arguments: [
        ("", "empty"), ("ghcr.io/Owner/App", "contains capital letters"),
        ("MyName/app", "contains capital letters"),
        ("https://ghcr.io/o/app", "a URL"), ("docker://python", "a URL"), ("o/app ", "cannot contain spaces"),
        ("o/app\nUSER root", "cannot contain spaces"), ("o/äpp", "not ASCII"), ("o//app", "empty part"),
        ("/app", "empty part"), ("app/", "empty part"), ("o/-app", "not a valid part"),
        ("o/a..b", "not a valid part"), ("o/a___b", "not a valid part"), ("o/app_", "not a valid part"),
        ("app:", "not a valid tag"), ("app:.x", "not a valid tag"), ("app:a:b", "not a valid part"),
        ("app:a$b", "not a valid tag"),
        ("app:" + String(repeating: "x", count: 129), "not a valid tag"), ("app@", "not a digest"),
        ("app@sha256:abc", "not a digest"),
        ("app@SHA256:" + String(repeating: "0", count: 64), "not a digest"),
        ("app@sha512:" + String(repeating: "0", count: 128), "not a digest"),
        ("a..b/app", "not a valid registry host"),
        ("-a.b/app", "not a valid registry host"), ("host:99999/app", "not a valid registry host"),
        ("host:/app", "not a valid registry host"),
        (String(repeating: "0", count: 64), "local image id"), ("scratch", "empty"),
        ("ghcr.io/" + String(repeating: "a", count: 256), "longer than 255"), ("ghcr.io/", "empty part"),
    ])
    func `an invalid name is rejected with its reason`(_ text: String, _ reason: String) {
        let problem = #expect(throws: ImageReference.ParseError.self) { try ImageReference(text) }
        #expect(problem?.reason.contains(reason) == true, "\(problem?.reason ?? "")")
    }

    @Test func `capital letters are rejected with the corrected name`() {
        let problem = #expect(throws: ImageReference.ParseError.self) {
            try ImageReference("ghcr.io/Owner/App:V1")
        }
        #expect(problem?.fix == "use owner/app")
        #expect(
            problem?.reason.hasPrefix("the image name \u{201C}Owner/App\u{201D} contains capital letters")
                == true)
    }

    @Test func `a pinned name keeps its tag and can be unpinned`() throws {
        let image = try ImageReference("python:3.12")
        #expect(image.pinned(to: sha).familiar == "python:3.12@\(sha)")
        #expect(image.pinned(to: sha).unpinned == image)
    }

    @Test func `the digest is read from the previous deploy's trailer`() throws {
        let image = try ImageReference("ghcr.io/o/app:1")
        let resolved = ResolvedImage(image, digest: sha, mediaType: "x")
        var trailers = Trailers()
        trailers.add(ImageReference.trailer, "\(resolved.pinned)")
        #expect(trailers.text == "Base-Image: ghcr.io/o/app:1@\(sha)\n")
        #expect(image.digest(in: trailers) == sha)
        #expect(try ImageReference("ghcr.io/o/app:2").digest(in: trailers) == nil)
        #expect(image.digest(in: Trailers()) == nil)
    }
}
