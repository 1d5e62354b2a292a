import DockerSyntax
import SpacesModel

/// The image of a layered build, as this deploy takes it.
package struct BaseImage: Hashable, Sendable {
    /// As the settings name it.
    package let reference: ImageReference
    /// As it is written into the Dockerfile.
    package let written: ImageReference
    /// What its registry says; nil where no registry is asked.
    let resolved: ResolvedImage?
    /// What the Space's last deploy was built on.
    let earlier: ImageReference?

    package init(
        _ reference: ImageReference, resolved: ResolvedImage? = nil, isPinned: Bool = true,
        after earlier: ImageReference? = nil
    ) {
        (self.reference, self.resolved, self.earlier) = (reference, resolved, earlier)
        written = isPinned ? resolved?.pinned ?? reference : reference
    }

    package var trailer: String? { resolved?.pinned.description }

    /// `image moved: 1a2b3c4d5e6f → 6f5e4d3c2b1a`; nil for an image that is what it was, or was not there before.
    package var changeDescription: String? {
        guard let earlier, let now = resolved?.pinned, now != earlier else { return nil }
        guard earlier.unpinned == now.unpinned, let old = earlier.digest, let new = now.digest else {
            return "image changed: \(earlier.unpinned.familiar) → \(reference.familiar)"
        }
        return "image moved: \(Self.shortDigest(old)) → \(Self.shortDigest(new))"
    }

    /// For the story: what the name stands for now.
    package var description: String {
        guard let digest = resolved?.digest else {
            return "image \(reference.familiar) is taken as it is named; its registry is not asked"
        }
        return "image \(reference.familiar) is \(Self.shortDigest(digest))"
            + (changeDescription.map { " (\($0))" } ?? "")
    }

    private static func shortDigest(_ digest: String) -> String { String(digest.dropFirst(7).prefix(12)) }
}

/// Asks a registry once for each image, however often a deploy has to plan again.
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
