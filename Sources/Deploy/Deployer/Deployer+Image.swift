import DeploySettings
import DockerSyntax
import DockerfileTemplates
import SpacesModel

extension Deployer {
    /// What the target's image stands for now, asked of its registry; nil when no image is set.
    /// - Throws: kind `refused` for an image that is not there, `notAllowed` for one that the Hub cannot read, `tryLater`
    ///   when the registry does not answer.
    func resolveBaseImage(_ baseline: DeployBaseline) async throws(DeployError) -> BaseImage? {
        guard let reference = target.image else { return nil }
        let trailers = baseline.lastDeploy.map { Trailers(of: $0.message) } ?? Trailers()
        let resolved = try await images.resolve(reference, known: reference.digest(in: trailers))
        if resolved.isPrivate { try rejectPrivateImage(reference) }
        let earlier = trailers[ImageReference.trailer].flatMap { try? ImageReference($0) }
        return BaseImage(reference, resolved: resolved, isPinned: target.pin, after: earlier)
    }

    /// Whether the Hub's builder gets at its own registry's images is the Hub's business.
    private func rejectPrivateImage(_ image: ImageReference) throws(DeployError) {
        guard image.registry != "registry.hf.space" else { return }
        throw DeployError(
            .permissionDenied, "image \(image.familiar) is private: the Hub could not build on it",
            details: ["your credentials read it, but the Hub's builder has none for \(image.registry)"],
            hint: "make the image public")
    }

    /// What was decided about the Dockerfile.
    func logComposition(_ image: BaseImage?, _ messages: [String], _ plan: Plan) {
        if let image { emit(.detail(image.description)) }
        messages.forEach { emit(.detail($0)) }
        guard image?.changeDescription != nil, !target.pin, plan.isEmpty else { return }
        emit(.detail("pin = false leaves the Space as it was built; --rebuild builds it on the new image"))
    }
}
