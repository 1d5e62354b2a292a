import DeploySettings
import DockerSyntax
import DockerfileTemplates
import SpacesModel

extension Deployment {
    /// What the target's image stands for now, asked of its registry; nil when no image is set.
    /// - Throws: kind `refused` for an image that is not there, `notAllowed` for one that the Hub cannot read, `tryLater`
    ///   when the registry does not answer.
    func baseImage(_ past: SpacePast) async throws(Failure) -> BaseImage? {
        guard let reference = target.image else { return nil }
        let trailers = past.lastDeploy.map { Trailers(of: $0.message) } ?? Trailers()
        let resolved = try await images.resolve(reference, known: reference.digest(in: trailers))
        if resolved.isPrivate { try objectToPrivate(reference) }
        let earlier = trailers[ImageReference.trailer].flatMap { try? ImageReference($0) }
        return BaseImage(reference, resolved: resolved, isPinned: target.pin, after: earlier)
    }

    /// Whether the Hub's builder gets at its own registry's images is the Hub's business.
    private func objectToPrivate(_ image: ImageReference) throws(Failure) {
        guard image.registry != "registry.hf.space" else { return }
        throw Failure(
            .notAllowed, "image \(image.familiar) is private: the Hub could not build on it",
            details: ["your credentials read it, but the Hub's builder has none for \(image.registry)"],
            hint: "make the image public")
    }

    /// What was decided about the Dockerfile.
    func tell(_ image: BaseImage?, _ notes: [String], _ plan: Plan) {
        if let image { say(.detail(image.description)) }
        notes.forEach { say(.detail($0)) }
        guard image?.move != nil, !target.pin, plan.isEmpty else { return }
        say(.detail("pin = false leaves the Space as it was built; --rebuild builds it on the new image"))
    }
}
