import DeploySettings
import DockerSyntax
import DockerfileTemplates
import SpacesModel

extension Deployer {
    /// Resolves the target's image at its registry; returns `nil` if no image is set.
    /// - Throws: kind `refused` if the image does not exist, `permissionDenied` if the Hub cannot
    ///   read it, `tryLater` if the registry does not respond.
    func resolveBaseImage(_ baseline: DeployBaseline) async throws(DeployError) -> BaseImage? {
        guard let reference = target.image else { return nil }
        let trailers = baseline.lastDeploy.map { Trailers(of: $0.message) } ?? Trailers()
        let resolved = try await images.resolve(reference, known: reference.digest(in: trailers))
        if resolved.isPrivate { try rejectPrivateImage(reference) }
        let earlier = trailers[ImageReference.trailer].flatMap { try? ImageReference($0) }
        return BaseImage(reference, resolved: resolved, isPinned: target.pin, after: earlier)
    }

    /// Throws for a private image, except one in the Hub's own registry: only the Hub knows whether
    /// its builder can read that.
    private func rejectPrivateImage(_ image: ImageReference) throws(DeployError) {
        guard image.registry != "registry.hf.space" else { return }
        throw DeployError(
            .permissionDenied, "image \(image.familiar) is private: the Hub could not build on it",
            details: ["your credentials read it, but the Hub's builder has none for \(image.registry)"],
            hint: "make the image public")
    }

    /// Logs the decisions about the image and the composition.
    func logComposition(_ image: BaseImage?, _ messages: [String], _ plan: Plan) {
        if let image { emit(.detail(image.description)) }
        messages.forEach { emit(.detail($0)) }
        guard image?.changeDescription != nil, !target.pin, plan.isEmpty else { return }
        emit(.detail("pin = false leaves the Space as it was built; --rebuild builds it on the new image"))
    }
}
