import Essentials
import HTTPServer
import TextTools

/// Routes for the runtime, the hardware, and the variables and secrets of a Space (hub-api.md 4.1,
/// 4.5 and 4.6).
extension HubRoutes {
    func runtime(_ request: Request) async throws -> Response {
        .json(try await readableSpace(request).runtime(authority))
    }

    func restart(_ request: Request) async throws -> Response {
        let space = try await containerSpace(request)
        await registry.startBuild(space.id, .restart(factory: request.target.value("factory") == "true"))
        return try await runtime(request)
    }

    func pause(_ request: Request) async throws -> Response {
        let space = try await containerSpace(request)
        await registry.pause(space.id, "PAUSED")
        return try await runtime(request)
    }

    func changeHardware(_ request: Request) async throws -> Response {
        var space = try await containerSpace(request)
        let body = try await request.json()
        guard let flavor = body["flavor"].string else {
            throw HubHTTPError.badRequest("\"flavor\" is required")
        }
        try setHardware(&space, flavor, body)
        let (hardware, sleepTime) = (space.hardware, space.sleepTime)
        await registry.change(space.id) { ($0.hardware, $0.sleepTime) = (hardware, sleepTime) }
        if space.head != nil, space.stage != "PAUSED" {
            await registry.startBuild(space.id, .restart(factory: false))
        }
        return try await runtime(request)
    }

    /// Sets the hardware and the sleep time. On `cpu-basic` the sleep time is always 48 hours.
    func setHardware(_ space: inout Space, _ flavor: String, _ body: JSON) throws(HubHTTPError) {
        guard HardwareCatalog.all.contains(where: { $0.name == flavor }) else {
            throw .badRequest(
                "\"flavor\" must be one of [\(HardwareCatalog.all.map(\.name).joined(separator: ", "))]")
        }
        space.hardware = flavor
        let requestedSleepTime = body["sleepTimeSeconds"].int
        space.sleepTime = flavor == "cpu-basic" ? 172_800 : requestedSleepTime.flatMap { $0 > 0 ? $0 : nil }
    }

    func changeSleepTime(_ request: Request) async throws -> Response {
        let space = try await containerSpace(request), body = try await request.json()
        guard let seconds = body["seconds"].int, seconds > 0 || seconds == -1 else {
            throw HubHTTPError.badRequest("\"seconds\" must be a positive number, or -1")
        }
        if space.hardware != "cpu-basic" {
            await registry.change(space.id) { $0.sleepTime = seconds > 0 ? seconds : nil }
        }
        return try await runtime(request)
    }

    func changeDevMode(_ request: Request) async throws -> Response {
        let space = try await containerSpace(request), body = try await request.json()
        guard let isOn = body["enabled"].bool else {
            throw HubHTTPError.badRequest("\"enabled\" must be a boolean")
        }
        await registry.change(space.id) { $0.devMode = isOn }
        return try await runtime(request)
    }

    func changeVolumes(_ request: Request) async throws -> Response {
        let space = try await writableSpace(request), body = try await request.json()
        let volumes = body["volumes"].array ?? []
        if request.method == "PUT", volumes.isEmpty {
            throw HubHTTPError.badRequest("\"volumes\" must not be empty")
        }
        await registry.change(space.id) { $0.volumes = request.method == "PUT" ? volumes : [] }
        return try await runtime(request)
    }

    func listHardware(_ request: Request) async throws -> Response {
        .json(.array(HardwareCatalog.all.map(\.json)))
    }

    /// Returns the Space if the caller can write to it. Throws a 400 error for a static Space,
    /// which has no container.
    private func containerSpace(_ request: Request) async throws -> Space {
        let space = try await writableSpace(request)
        guard !space.isStatic else {
            throw HubHTTPError.badRequest("Static Spaces have no runtime to be changed")
        }
        return space
    }

    func variables(_ request: Request) async throws -> Response {
        .json(try await readableSpace(request).variableMap)
    }

    func secrets(_ request: Request) async throws -> Response {
        .json(try await writableSpace(request).secretMap)
    }

    func setVariable(_ request: Request) async throws -> Response {
        let space = try await writableSpace(request), (key, setting) = try setting(await request.json())
        let changed = await registry.change(space.id) { $0.variables[key] = setting }
        await rerun(space)
        return .json(changed?.variableMap ?? [:])
    }

    func unsetVariable(_ request: Request) async throws -> Response {
        let space = try await writableSpace(request), key = try await request.json()["key"].string ?? ""
        let changed = await registry.change(space.id) { $0.variables[key] = nil }
        await rerun(space)
        return .json(changed?.variableMap ?? [:])
    }

    func setSecret(_ request: Request) async throws -> Response {
        let space = try await writableSpace(request), (key, setting) = try setting(await request.json())
        await registry.change(space.id) { $0.secrets[key] = setting.withoutValue }
        await rerun(space)
        return .json([:])
    }

    func unsetSecret(_ request: Request) async throws -> Response {
        let space = try await writableSpace(request), key = try await request.json()["key"].string ?? ""
        await registry.change(space.id) { $0.secrets[key] = nil }
        await rerun(space)
        return .json([:])
    }

    /// Restarts a running Space after a change of its variables or secrets.
    private func rerun(_ space: Space) async {
        if space.isServing, !space.isStatic { await registry.startBuild(space.id, .restart(factory: false)) }
    }

    /// Returns the key and the setting of a variable or secret. Throws a 400 error if the key is
    /// invalid.
    func setting(_ json: JSON) throws(HubHTTPError) -> (String, Space.Setting) {
        let key = json["key"].string ?? ""
        let isValid =
            key.utf8.first.map { ($0 | 32) >= 97 && ($0 | 32) <= 122 } ?? false
            && key.utf8.allSatisfy {
                ($0 | 32) >= 97 && ($0 | 32) <= 122 || (48...57).contains($0) || $0 == 95
            }
        guard isValid else {
            throw .badRequest(
                "\"key\" with value \"\(key)\" fails to match the required pattern: /^[a-zA-Z][_a-zA-Z0-9]*$/"
            )
        }
        return (
            key,
            Space.Setting(
                value: json["value"].string ?? "", description: json["description"].string, updated: .hubNow)
        )
    }
}

extension Space.Setting {
    /// The stored form of a secret, without its value.
    var withoutValue: Self { Self(value: nil, description: description, updated: updated) }
}
