extension Int {
    /// The number of bytes in a readable unit: `12 B`, `3.4 KiB`, `11.0 MiB`.
    package var asSize: String {
        guard self >= 1024 else { return "\(self) B" }
        let names = ["KiB", "MiB", "GiB", "TiB"]
        var (unit, index) = (1 << 10, 0)
        while index < names.count - 1, self >= unit << 10 { (unit, index) = (unit << 10, index + 1) }
        let tenths = self / unit * 10 + (self % unit * 10 + unit / 2) / unit
        return "\(tenths / 10).\(tenths % 10) \(names[index])"
    }

    /// Returns the sum, clamped to the range of `Int`: the size in an LFS pointer may be any number.
    package func addingClamped(_ other: Int) -> Int {
        let (sum, didOverflow) = addingReportingOverflow(other)
        return didOverflow ? (other < 0 ? .min : .max) : sum
    }
}
