extension Int {
    /// A number of bytes as people read it: `12 B`, `3.4 KiB`, `11.0 MiB`.
    package var asSize: String {
        guard self >= 1024 else { return "\(self) B" }
        let names = ["KiB", "MiB", "GiB", "TiB"]
        var (unit, index) = (1 << 10, 0)
        while index < names.count - 1, self >= unit << 10 { (unit, index) = (unit << 10, index + 1) }
        let tenths = self / unit * 10 + (self % unit * 10 + unit / 2) / unit
        return "\(tenths / 10).\(tenths % 10) \(names[index])"
    }

    /// A pointer may say any size: what is too large for a number is the largest.
    package func addingClamped(_ other: Int) -> Int {
        let (sum, isOver) = addingReportingOverflow(other)
        return isOver ? (other < 0 ? .min : .max) : sum
    }
}
