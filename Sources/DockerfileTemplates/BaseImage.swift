import DockerSyntax
import SpacesModel

/// The base image of a layered build for this deploy.
package struct BaseImage: Hashable, Sendable {
    /// The reference in the settings.
    package let reference: ImageReference
    /// The reference written into the Dockerfile.
    package let written: ImageReference
    /// The image as resolved by its registry; `nil` if the registry is not asked.
    let resolved: ResolvedImage?
    /// The base image of the Space's last deploy.
    let earlier: ImageReference?

    package init(
        _ reference: ImageReference, resolved: ResolvedImage? = nil, isPinned: Bool = true,
        after earlier: ImageReference? = nil
    ) {
        (self.reference, self.resolved, self.earlier) = (reference, resolved, earlier)
        written = isPinned ? resolved?.pinned ?? reference : reference
    }

    package var trailer: String? { resolved?.pinned.description }

    /// `image moved: 1a2b3c4d5e6f → 6f5e4d3c2b1a`; `nil` if the image is unchanged or there was
    /// none before.
    package var changeDescription: String? {
        guard let earlier, let current = resolved?.pinned, current != earlier else { return nil }
        guard earlier.unpinned == current.unpinned, let old = earlier.digest, let new = current.digest else {
            return "image changed: \(earlier.unpinned.familiar) → \(reference.familiar)"
        }
        return "image moved: \(Self.shortDigest(old)) → \(Self.shortDigest(new))"
    }

    /// A log line with the digest that the reference resolves to.
    package var description: String {
        guard let digest = resolved?.digest else {
            return "image \(reference.familiar) is used as written; its registry is not contacted"
        }
        return "image \(reference.familiar) has digest \(Self.shortDigest(digest))"
            + (changeDescription.map { " (\($0))" } ?? "")
    }

    private static func shortDigest(_ digest: String) -> String { String(digest.dropFirst(7).prefix(12)) }
}

/// Resolves each image once per run, even if a deploy is planned several times.
package actor ImageResolverCache: ImageResolver {
    private let registries: any ImageResolver
    private var resolvedImages: [ImageReference: ResolvedImage] = [:]

    package init(_ registries: any ImageResolver) { self.registries = registries }

    package func resolve(_ reference: ImageReference, known: String?) async throws(DeployError)
        -> ResolvedImage
    {
        if let image = resolvedImages[reference] { return image }
        let image = try await registries.resolve(reference, known: known)
        resolvedImages[reference] = image
        return image
    }
}
