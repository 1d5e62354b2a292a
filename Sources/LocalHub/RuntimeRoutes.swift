import Essentials
import HTTPServer
import TextTools

/// Routes for the runtime, the hardware, and the variables and secrets of a Space (hub-api.md 4.1,
/// 4.5 and 4.6).
struct RuntimeRoutes: Sendable {
    let hub: HubContext

    func runtime(_ request: Request) async throws -> Response {
        .json(try await hub.readableSpace(request).runtime(hub.authority))
    }

    func restart(_ request: Request) async throws -> Response {
        let space = try await containerSpace(request)
        await hub.registry.startBuild(space.id, .restart(factory: request.target.value("factory") == "true"))
        return try await runtime(request)
    }

    func pause(_ request: Request) async throws -> Response {
        let space = try await containerSpace(request)
        await hub.registry.pause(space.id, "PAUSED")
        return try await runtime(request)
    }

    func changeHardware(_ request: Request) async throws -> Response {
        var space = try await containerSpace(request)
        let body = try await request.json()
        guard let flavor = body["flavor"].string else {
            throw HubHTTPError.badRequest("\"flavor\" is required")
        }
        try Self.setHardware(&space, flavor, body)
        let (hardware, sleepTime) = (space.hardware, space.sleepTime)
        await hub.registry.change(space.id) { ($0.hardware, $0.sleepTime) = (hardware, sleepTime) }
        if space.head != nil, space.stage != "PAUSED" {
            await hub.registry.startBuild(space.id, .restart(factory: false))
        }
        return try await runtime(request)
    }

    /// Sets the hardware and the sleep time. On `cpu-basic` the sleep time is always 48 hours.
    static func setHardware(_ space: inout Space, _ flavor: String, _ body: JSON) throws(HubHTTPError) {
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
            await hub.registry.change(space.id) { $0.sleepTime = seconds > 0 ? seconds : nil }
        }
        return try await runtime(request)
    }

    func changeDevMode(_ request: Request) async throws -> Response {
        let space = try await containerSpace(request), body = try await request.json()
        guard let isOn = body["enabled"].bool else {
            throw HubHTTPError.badRequest("\"enabled\" must be a boolean")
        }
        await hub.registry.change(space.id) { $0.devMode = isOn }
        return try await runtime(request)
    }

    func changeVolumes(_ request: Request) async throws -> Response {
        let space = try await hub.writableSpace(request), body = try await request.json()
        let volumes = body["volumes"].array ?? []
        if request.method == "PUT", volumes.isEmpty {
            throw HubHTTPError.badRequest("\"volumes\" must not be empty")
        }
        await hub.registry.change(space.id) { $0.volumes = request.method == "PUT" ? volumes : [] }
        return try await runtime(request)
    }

    func listHardware(_ request: Request) async throws -> Response {
        .json(.array(HardwareCatalog.all.map(\.json)))
    }

    /// Returns the Space if the caller can write to it. Throws a 400 error for a static Space,
    /// which has no container.
    private func containerSpace(_ request: Request) async throws -> Space {
        let space = try await hub.writableSpace(request)
        guard !space.isStatic else {
            throw HubHTTPError.badRequest("Static Spaces have no runtime to be changed")
        }
        return space
    }

    func variables(_ request: Request) async throws -> Response {
        .json(try await hub.readableSpace(request).variableMap)
    }

    func secrets(_ request: Request) async throws -> Response {
        .json(try await hub.writableSpace(request).secretMap)
    }

    func setVariable(_ request: Request) async throws -> Response {
        let space = try await hub.writableSpace(request),
            (key, setting) = try Self.setting(await request.json())
        let changed = await hub.registry.change(space.id) { $0.variables[key] = setting }
        await rerun(space)
        return .json(changed?.variableMap ?? [:])
    }

    func unsetVariable(_ request: Request) async throws -> Response {
        let space = try await hub.writableSpace(request), key = try await request.json()["key"].string ?? ""
        let changed = await hub.registry.change(space.id) { $0.variables[key] = nil }
        await rerun(space)
        return .json(changed?.variableMap ?? [:])
    }

    func setSecret(_ request: Request) async throws -> Response {
        let space = try await hub.writableSpace(request),
            (key, setting) = try Self.setting(await request.json())
        await hub.registry.change(space.id) { $0.secrets[key] = setting.withoutValue }
        await rerun(space)
        return .json([:])
    }

    func unsetSecret(_ request: Request) async throws -> Response {
        let space = try await hub.writableSpace(request), key = try await request.json()["key"].string ?? ""
        await hub.registry.change(space.id) { $0.secrets[key] = nil }
        await rerun(space)
        return .json([:])
    }

    /// Restarts a running Space after a change of its variables or secrets.
    private func rerun(_ space: Space) async {
        if space.isServing, !space.isStatic {
            await hub.registry.startBuild(space.id, .restart(factory: false))
        }
    }

    /// Returns the key and the setting of a variable or secret. Throws a 400 error if the key is
    /// invalid.
    static func setting(_ json: JSON) throws(HubHTTPError) -> (String, Space.Setting) {
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

/// A hardware flavour with its price (hub-api.md 7).
struct HardwareCatalog: Sendable {
    var name: String
    /// Number of vCPUs.
    var cpu: Int
    /// RAM in GB.
    var memory: Int
    /// Ephemeral storage in GB.
    var disk: Int
    /// Price per hour in US cents.
    var cents: Int
    /// Model, number of GPUs, and their total memory in GB; `nil` if the flavour has no GPU.
    var gpu: (String, Int, Int)?

    var json: JSON {
        let accelerator: JSON =
            gpu.map { model, count, memory in
                [
                    "type": "gpu", "model": .string(model), "quantity": .string(String(count)),
                    "vram": .string("\(memory) GB"), "manufacturer": "Nvidia",
                ]
            } ?? .null
        return [
            "name": .string(name), "prettyName": .string(name.replacing("-", with: " ")),
            "cpu": .string("\(cpu) vCPU"), "ram": .string("\(memory) GB"),
            "ephemeralStorage": .string("\(disk) GB"), "accelerator": accelerator,
            "unitCostMicroUSD": .int(cents * 10_000 / 60), "unitCostUSD": .number(Double(cents) / 6000),
            "unitLabel": "minute",
        ]
    }

    static let all: [HardwareCatalog] = [
        HardwareCatalog(name: "cpu-basic", cpu: 2, memory: 16, disk: 50, cents: 0),
        HardwareCatalog(name: "cpu-upgrade", cpu: 8, memory: 32, disk: 50, cents: 3),
        HardwareCatalog(name: "cpu-xl", cpu: 16, memory: 124, disk: 50, cents: 100),
        HardwareCatalog(name: "t4-small", cpu: 4, memory: 15, disk: 50, cents: 40, gpu: ("T4", 1, 16)),
        HardwareCatalog(name: "t4-medium", cpu: 8, memory: 30, disk: 100, cents: 60, gpu: ("T4", 1, 16)),
        HardwareCatalog(name: "l4x1", cpu: 8, memory: 30, disk: 400, cents: 80, gpu: ("L4", 1, 24)),
        HardwareCatalog(name: "l4x4", cpu: 48, memory: 186, disk: 3200, cents: 380, gpu: ("L4", 4, 96)),
        HardwareCatalog(name: "l40sx1", cpu: 8, memory: 62, disk: 380, cents: 180, gpu: ("L40S", 1, 48)),
        HardwareCatalog(name: "l40sx4", cpu: 48, memory: 382, disk: 3200, cents: 830, gpu: ("L40S", 4, 192)),
        HardwareCatalog(
            name: "l40sx8", cpu: 192, memory: 1534, disk: 6500, cents: 2350, gpu: ("L40S", 8, 384)),
        HardwareCatalog(name: "a10g-small", cpu: 4, memory: 15, disk: 110, cents: 100, gpu: ("A10G", 1, 24)),
        HardwareCatalog(name: "a10g-large", cpu: 12, memory: 46, disk: 200, cents: 150, gpu: ("A10G", 1, 24)),
        HardwareCatalog(
            name: "a10g-largex2", cpu: 24, memory: 92, disk: 1000, cents: 300, gpu: ("A10G", 2, 48)),
        HardwareCatalog(
            name: "a10g-largex4", cpu: 48, memory: 184, disk: 2000, cents: 500, gpu: ("A10G", 4, 96)),
        HardwareCatalog(
            name: "a100-large", cpu: 12, memory: 142, disk: 1000, cents: 250, gpu: ("A100", 1, 80)),
        HardwareCatalog(name: "a100x4", cpu: 48, memory: 568, disk: 320, cents: 1000, gpu: ("A100", 4, 320)),
        HardwareCatalog(name: "a100x8", cpu: 96, memory: 1136, disk: 640, cents: 2000, gpu: ("A100", 8, 640)),
        HardwareCatalog(name: "zero-a10g", cpu: 4, memory: 15, disk: 50, cents: 0, gpu: ("ZeroGPU", 1, 70)),
    ]
}
