import SpacesModel

/// What a registry says an image is now.
package struct ResolvedImage: Hashable, Sendable {
    /// As it was asked for.
    package var reference: ImageReference
    /// Of the manifest or index that the name stands for: what a `FROM` is pinned to.
    package var digest: String
    package var mediaType: String
    /// Of the manifest for the platform, when the name stands for an index of several.
    package var platformDigest: String?
    /// Bytes of its layers as they travel; nil where that was not asked.
    package var size: Int?
    /// The registry did not answer without credentials. The Hub's builder has none.
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

/// Asks registries what a name stands for.
package protocol ImageResolver: Sendable {
    /// - Parameter known: a digest that was looked at before, such as the last deploy's: when the name still stands for
    ///   it, nothing more is asked (on Docker Hub such a question does not count as a pull).
    func resolve(_ reference: ImageReference, known: String?) async throws(DeployError) -> ResolvedImage
}

extension ImageReference {
    /// The trailer that tells what a deploy was built on: its value is the image's canonical name, with the digest
    /// where it is known.
    package static let trailer = "Base-Image"

    /// The digest that an earlier deploy of this image left; nil when it was built on another.
    package func digest(in trailers: Trailers) -> String? {
        guard let text = trailers[Self.trailer], let earlier = try? ImageReference(text) else { return nil }
        let isSame = earlier.registry == registry && earlier.repository == repository && earlier.tag == tag
        return isSame ? earlier.digest : nil
    }
}

extension DeployError {
    /// A setting that is no name of an image.
    package init(_ problem: ImageReference.ParseError, image: String) {
        self.init(.settings, "image = \(image): \(problem.reason)", hint: problem.fix)
    }
}
