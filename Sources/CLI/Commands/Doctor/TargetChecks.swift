import DeploySettings
import DockerSyntax
import DockerfileTemplates
import Essentials
import HTTP
import HubAPI
import SpacesModel
import TextTools

/// One target: its source, its Space, the token between them, and what its container needs.
struct TargetChecks: Sendable {
    private let target: Target
    private let workshop: Workshop
    private let bench: Bench

    init(_ target: Target, _ workshop: Workshop) {
        (self.target, self.workshop) = (target, workshop)
        bench = Bench(target, workshop)
    }

    private var space: SpaceID { target.space }

    /// - Parameter hubAnswers: false: it was asked before, in vain.
    func all(hubAnswers: Bool) async -> [Checkup] {
        var found = [await source()]
        if target.image != nil { found.append(await image()) }
        guard hubAnswers else { return found }
        do throws(Failure) {
            let hub = try await bench.hubSpace()
            found.append(await token(hub))
            found += await isThere(hub)
        } catch {
            found.append(Checkup("token", of: space, error))
        }
        return found
    }

    private func source() async -> Checkup {
        await Checkup.of("source", space) { () async throws(Failure) in
            let snapshot = try await bench.source().snapshot(of: target.revision)
            let branch = snapshot.branch.map { "\($0.shortened(to: ShownLimit.branch)) at " } ?? ""
            return Checkup(
                "source", of: space, .good, "\(snapshot.repository), \(branch)\(snapshot.commit.id.short)")
        }
    }

    private func token(_ hub: HubSpace) async -> Checkup {
        guard hub.hub.token != nil else {
            return Checkup(
                "token", of: space, .bad(.notAllowed), "no token for this Space",
                mend: "set HF_TOKEN, or git config account.\(space.owner).token env:NAME")
        }
        return await Checkup.of("token", space) { () async throws(Failure) in
            let found = try await workshop.token(for: space)
            let origin = found?.origin ?? "it"
            if try await hub.hub.mayWrite(space) {
                let good = Checkup("token", of: space, .good, "\(origin) may write")
                return found?.isExchanged == true ? await withExpiry(good, hub) : good
            }
            do throws(Failure) { _ = try await hub.info() } catch {
                guard error.kind == .refused else { throw error }
                return try await ofUnseen(hub, origin)
            }
            return Checkup(
                "token", of: space, .bad(.notAllowed), "\(origin) may not write this Space",
                mend: "a write token of \(space.owner), or a fine-grained one with write access to \(space)")
        }
    }

    /// Says when the trust ends by which a CI job got its token. The token itself is made for an hour, and anew each time.
    private func withExpiry(_ checkup: Checkup, _ hub: HubSpace) async -> Checkup {
        var ends: [Date] = []
        if let identity = workshop.world["HF_OIDC_ID_TOKEN"].flatMap({ Secret($0) }) {
            ends += [Expiry.ofIdentity(identity)].compactMap { $0 }
        }
        let told = try? await hub.hub.whoami().tokenExpires.flatMap { Date(hub: $0) }
        if let told = told ?? nil, told.timeIntervalSinceNow > 86_400 { ends.append(told) }
        guard let end = ends.min() else { return checkup }
        var checkup = checkup
        checkup.text += ", until \(end.formatted(.iso8601).prefix(10))"
        guard Expiry.isNear(end) else { return checkup }
        (checkup.verdict, checkup.mend) = (
            .warning,
            "renew the trusted publisher before it ends: \(workshop.endpoint)/spaces/\(space)/settings"
        )
        return checkup
    }

    /// A Space that is not there and one that is hidden look alike: what is known is whose the token is.
    private func ofUnseen(_ hub: HubSpace, _ origin: String) async throws(Failure) -> Checkup {
        let account = try await hub.hub.whoami()
        let names = [account.name] + account.organizations.map(\.name)
        if names.contains(where: { $0.lowercased() == space.owner.lowercased() }) {
            return Checkup("token", of: space, .good, "\(origin) is \(space.owner)'s")
        }
        return Checkup(
            "token", of: space, .warning,
            "\(origin) is \(account.name)'s, and does not see \(space): it is not there, or not shown to them",
            mend:
                "if it is there, a token of \(space.owner): git config account.\(space.owner).token env:NAME")
    }

    private func isThere(_ hub: HubSpace) async -> [Checkup] {
        do throws(Failure) {
            let info = try await hub.info()
            let stage = info.runtime.map { ", \($0.stage)" } ?? ""
            var there = Checkup(
                "space", of: space, .good, "there\(stage)\(info.isPrivate ? ", private" : "")")
            if let stage = info.runtime?.stage, stage.isBroken {
                (there.verdict, there.mend) = (.warning, "spacesync watch \(space) tells why")
            }
            return [there, await values(on: hub)].compactMap { $0 }
        } catch {
            guard error.cause == .spaceMissing || error.kind == .refused else {
                return [Checkup("space", of: space, error)]
            }
            let creation = await creation(hub)
            guard target.create == true || creation.verdict.exitCode > 0 else {
                return [Checkup("space", of: space, error)]
            }
            return [creation, await values(on: nil)].compactMap { $0 }
        }
    }

    /// Whether the plan lets it be made: since July 2026 free accounts make static Spaces alone (hub-api.md 3.2).
    private func creation(_ hub: HubSpace) async -> Checkup {
        await Checkup.of("space", space) { () async throws(Failure) in
            let account = try await hub.hub.whoami()
            guard account.tokenRole != "read" else {
                return Checkup(
                    "space", of: space, .bad(.notAllowed), "not there, and this token only reads",
                    mend: "make one with write access: \(hub.hub.endpoint)/settings/tokens")
            }
            let missing = Checkup("space", of: space, .good, "not there; a push creates it")
            if target.sdk == "static" { return missing }
            if account.name.lowercased() == space.owner.lowercased() {
                return account.isPro ? missing : needsPlan("\(account.name) has no PRO subscription")
            }
            guard let organization = account.organizations.first(where: { $0.name == space.owner }) else {
                return Checkup(
                    "space", of: space, .bad(.notAllowed),
                    "not there, and \(account.name) is no member of \(space.owner)",
                    mend: "use a token of \(space.owner)")
            }
            return organization.plan == nil
                ? needsPlan("\(space.owner) has no Team or Enterprise plan") : missing
        }
    }

    private func needsPlan(_ why: String) -> Checkup {
        Checkup(
            "space", of: space, .warning,
            "not there, and the Hub may refuse to make a Docker or Gradio Space: \(why)",
            mend: Failure.waysToPay)
    }

    /// Secrets and variables that its settings name.
    private func values(on hub: HubSpace?) async -> Checkup? {
        guard !target.secrets.isEmpty || !target.variables.isEmpty else { return nil }
        return await Checkup.of("secrets", space) { () async throws(Failure) in
            let wishes = try await bench.wishes()
            var known: [String] = []
            if let hub { known = try await hub.secrets().map(\.name) }
            let missing = wishes.missing(on: known)
            guard !missing.isEmpty else {
                return Checkup("secrets", of: space, .good, "all in reach, or on the Space")
            }
            return Checkup(
                "secrets", of: space, .bad(.settings),
                missing.map { "\($0.name) is neither on the Space nor in reach (\($0.place))" }.joined(
                    separator: "; "),
                mend: "set it in reach, or write secret = \(missing[0].name)? if the app runs without it")
        }
    }

    private func image() async -> Checkup {
        await Checkup.of("image", space) { () async throws(Failure) in
            guard let image = target.image else { return Checkup("image", of: space, .good, "none") }
            let resolved = try await bench.images().resolve(image, known: nil)
            return Checkup(
                "image", of: space, .good, "\(image.familiar) is there: \(resolved.digest.prefix(19))")
        }
    }
}
