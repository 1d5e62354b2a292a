import SpacesModel

/// The current state of an image in its registry.
package struct ResolvedImage: Hashable, Sendable {
    /// The reference as requested.
    package var reference: ImageReference
    /// The digest of the manifest or index that the reference resolves to; a `FROM` is pinned to
    /// it.
    package var digest: String
    package var mediaType: String
    /// The digest of the manifest for the platform, if the reference resolves to an index.
    package var platformDigest: String?
    /// Total bytes of the compressed layers; `nil` if not requested.
    package var size: Int?
    /// Whether the registry requires credentials. The Hub's builder has none.
    package var isPrivate: Bool

    package init(
        _ reference: ImageReference, digest: String, mediaType: String, platformDigest: String? = nil,
        size: Int? = nil, isPrivate: Bool = false
    ) {
        (self.reference, self.digest, self.mediaType) = (reference, digest, mediaType)
        (self.platformDigest, self.size, self.isPrivate) = (platformDigest, size, isPrivate)
    }

    package var pinned: ImageReference { reference.pinned(to: digest) }
}

/// Resolves image references by asking their registries.
package protocol ImageResolver: Sendable {
    /// - Parameter known: a digest that was read before, such as the last deploy's. If the
    ///   reference still resolves to it, nothing more is fetched (on Docker Hub this request does
    ///   not count as a pull).
    func resolve(_ reference: ImageReference, known: String?) async throws(DeployError) -> ResolvedImage
}

extension ImageReference {
    /// The commit trailer with the base image of a deploy: the image's canonical name, with its
    /// digest if known.
    package static let trailer = "Base-Image"

    /// Returns the digest of this image in the trailers of an earlier deploy; `nil` if that deploy
    /// used another image.
    package func digest(in trailers: Trailers) -> String? {
        guard let text = trailers[Self.trailer], let earlier = try? ImageReference(text) else { return nil }
        let isSame = earlier.registry == registry && earlier.repository == repository && earlier.tag == tag
        return isSame ? earlier.digest : nil
    }
}
