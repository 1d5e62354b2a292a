import DeploySettings
import DockerSyntax
import DockerfileTemplates
import Essentials
import HTTP
import HubAPI
import SpacesModel
import TextTools

/// Checks of one target: its source, image, token and Space, and the secrets and variables of its app.
struct TargetChecks: Sendable {
    private let target: Target
    private let context: RunContext
    private let targetContext: TargetContext

    init(_ target: Target, _ context: RunContext) {
        (self.target, self.context) = (target, context)
        targetContext = TargetContext(target, context)
    }

    private var space: SpaceID { target.space }

    /// - Parameter isHubReachable: false if an earlier request to the Hub failed.
    func all(isHubReachable: Bool) async -> [DoctorCheck] {
        var checks = [await source()]
        if target.image != nil { checks.append(await image()) }
        guard isHubReachable else { return checks }
        do throws(DeployError) {
            let hub = try await targetContext.hubSpace()
            checks.append(await token(hub))
            checks += await checkSpace(hub)
        } catch {
            checks.append(DoctorCheck("token", of: space, error))
        }
        return checks
    }

    private func source() async -> DoctorCheck {
        await DoctorCheck.run("source", space) { () async throws(DeployError) in
            let snapshot = try await targetContext.source().repository.snapshot(of: target.revision)
            let branch = snapshot.branch.map { "\($0.shortened(to: ShownLimit.branch)) at " } ?? ""
            return DoctorCheck(
                "source", of: space, .good, "\(snapshot.repository), \(branch)\(snapshot.commit.id.short)")
        }
    }

    private func token(_ hub: HubSpace) async -> DoctorCheck {
        guard hub.hub.token != nil else {
            return DoctorCheck(
                "token", of: space, .bad(.permissionDenied), "no token for this Space",
                fix: "set HF_TOKEN, or git config account.\(space.owner).token env:NAME")
        }
        return await DoctorCheck.run("token", space) { () async throws(DeployError) in
            let token = try await context.token(for: space)
            let origin = token?.origin ?? "it"
            if try await hub.hub.mayWrite(space) {
                let good = DoctorCheck("token", of: space, .good, "\(origin) has write access")
                return token?.isExchanged == true ? await withExpiry(good, hub) : good
            }
            do throws(DeployError) { _ = try await hub.info() } catch {
                guard error.kind == .refused else { throw error }
                return try await checkTokenOwner(hub, origin)
            }
            return DoctorCheck(
                "token", of: space, .bad(.permissionDenied), "\(origin) has no write access to this Space",
                fix:
                    "use a write token of \(space.owner), or a fine-grained token with write access to \(space)"
            )
        }
    }

    /// Adds when the credentials expire from which a CI job got its token. The token itself is
    /// valid for an hour and issued for every job.
    private func withExpiry(_ check: DoctorCheck, _ hub: HubSpace) async -> DoctorCheck {
        var expiryDates: [Date] = []
        if let identity = context.environment["HF_OIDC_ID_TOKEN"].flatMap({ Secret($0) }) {
            expiryDates += [Expiry.ofIdentity(identity)].compactMap { $0 }
        }
        let tokenExpiry = try? await hub.hub.whoami().tokenExpires.flatMap { Date(hub: $0) }
        if let expiry = tokenExpiry ?? nil, expiry.timeIntervalSinceNow > 86_400 {
            expiryDates.append(expiry)
        }
        guard let expiryDate = expiryDates.min() else { return check }
        var check = check
        check.text += ", expires on \(expiryDate.formatted(.iso8601).prefix(10))"
        guard Expiry.isNear(expiryDate) else { return check }
        (check.status, check.fix) = (
            .warning,
            "renew the trusted publisher before it expires: \(context.endpoint)/spaces/\(space)/settings"
        )
        return check
    }

    /// Checks only whose token it is: the Hub's response is the same for a missing Space and for a
    /// hidden one.
    private func checkTokenOwner(_ hub: HubSpace, _ origin: String) async throws(DeployError) -> DoctorCheck {
        let account = try await hub.hub.whoami()
        let names = [account.name] + account.organizations.map(\.name)
        if names.contains(where: { $0.lowercased() == space.owner.lowercased() }) {
            return DoctorCheck("token", of: space, .good, "\(origin) belongs to \(space.owner)")
        }
        return DoctorCheck(
            "token", of: space, .warning,
            "\(origin) belongs to \(account.name) and cannot see \(space): the Space does not exist, or is private",
            fix:
                "if it exists, use a token of \(space.owner): git config account.\(space.owner).token env:NAME"
        )
    }

    private func checkSpace(_ hub: HubSpace) async -> [DoctorCheck] {
        do throws(DeployError) {
            let info = try await hub.info()
            let stage = info.runtime.map { ", \($0.stage)" } ?? ""
            var check = DoctorCheck(
                "space", of: space, .good, "exists\(stage)\(info.isPrivate ? ", private" : "")")
            if let stage = info.runtime?.stage, stage.isBroken {
                (check.status, check.fix) = (.warning, "see why: spacesync watch \(space)")
            }
            return [check, await checkValues(on: hub)].compactMap { $0 }
        } catch {
            guard error.cause == .spaceMissing || error.kind == .refused else {
                return [DoctorCheck("space", of: space, error)]
            }
            let creation = await checkCreation(hub)
            guard target.create == true || creation.status.exitCode > 0 else {
                return [DoctorCheck("space", of: space, error)]
            }
            return [creation, await checkValues(on: nil)].compactMap { $0 }
        }
    }

    /// Checks whether the account's plan allows creating the Space: since July 2026 free accounts
    /// can only create static Spaces (hub-api.md 3.2).
    private func checkCreation(_ hub: HubSpace) async -> DoctorCheck {
        await DoctorCheck.run("space", space) { () async throws(DeployError) in
            let account = try await hub.hub.whoami()
            guard account.tokenRole != "read" else {
                return DoctorCheck(
                    "space", of: space, .bad(.permissionDenied),
                    "does not exist, and this token is read-only",
                    fix: "create a token with write access: \(hub.hub.endpoint)/settings/tokens")
            }
            let missing = DoctorCheck("space", of: space, .good, "does not exist; a push creates it")
            if target.sdk == "static" { return missing }
            if account.name.lowercased() == space.owner.lowercased() {
                return account.isPro ? missing : planWarning("\(account.name) has no PRO subscription")
            }
            guard let organization = account.organizations.first(where: { $0.name == space.owner }) else {
                return DoctorCheck(
                    "space", of: space, .bad(.permissionDenied),
                    "does not exist, and \(account.name) is not a member of \(space.owner)",
                    fix: "use a token of \(space.owner)")
            }
            return organization.plan == nil
                ? planWarning("\(space.owner) has no Team or Enterprise plan") : missing
        }
    }

    private func planWarning(_ reason: String) -> DoctorCheck {
        DoctorCheck(
            "space", of: space, .warning,
            "does not exist, and the Hub may refuse to create a Docker or Gradio Space: \(reason)",
            fix: HubClient.paymentHint)
    }

    /// Checks that a value is available for the secrets and variables of the target's settings.
    private func checkValues(on hub: HubSpace?) async -> DoctorCheck? {
        guard !target.secrets.isEmpty || !target.variables.isEmpty else { return nil }
        return await DoctorCheck.run("secrets", space) { () async throws(DeployError) in
            let configuration = try await targetContext.desiredConfiguration()
            var known: [String] = []
            if let hub { known = try await hub.secrets().map(\.name) }
            let missing = configuration.missingSecrets(on: known)
            guard !missing.isEmpty else {
                return DoctorCheck("secrets", of: space, .good, "all have a value here or on the Space")
            }
            return DoctorCheck(
                "secrets", of: space, .bad(.settings),
                missing.map { "\($0.name) has no value, neither here nor on the Space (\($0.location))" }
                    .joined(
                        separator: "; "),
                fix: "set its value, or use secret = \(missing[0].name)? if the app runs without it")
        }
    }

    private func image() async -> DoctorCheck {
        await DoctorCheck.run("image", space) { () async throws(DeployError) in
            guard let image = target.image else { return DoctorCheck("image", of: space, .good, "none") }
            let resolved = try await targetContext.imageResolver(for: targetContext.target).resolve(
                image, known: nil)
            return DoctorCheck(
                "image", of: space, .good, "\(image.familiar) exists: \(resolved.digest.prefix(19))")
        }
    }
}

/// Expiry dates of credentials.
enum Expiry {
    private static let day = 86_400.0

    /// Whether the date is in the past or less than a week away.
    static func isNear(_ date: Date, now: Date = Date()) -> Bool { date.timeIntervalSince(now) < 7 * day }

    /// Returns the expiry date of a CI system's identity token: the claim `exp` of a JSON Web Token
    /// (RFC 7519).
    /// - Returns: `nil` if the token has no `exp`, or is valid for less than a day: those are
    ///   issued for every job.
    static func ofIdentity(_ token: Secret) -> Date? {
        let parts = token.reveal().split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3 else { return nil }
        var text = String(parts[1].map { $0 == "-" ? "+" : $0 == "_" ? "/" : $0 })
        text += String(repeating: "=", count: (4 - text.count % 4) % 4)
        guard let data = Data(base64Encoded: text),
            let claims = try? JSONDecoder().decode(Claims.self, from: data),
            let end = claims.exp
        else { return nil }
        let start: Double? = claims.iat ?? claims.nbf
        if let start, end - start < day { return nil }
        return Date(timeIntervalSince1970: end)
    }

    private struct Claims: Decodable {
        var exp: Double?
        var iat: Double?
        var nbf: Double?
    }
}
