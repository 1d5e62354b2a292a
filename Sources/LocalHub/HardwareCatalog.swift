import TextTools

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
