// Every target imports this module in place of Foundation: it exports Dispatch, the C library and
// FoundationEssentials, the part of Foundation without ICU. On Apple platforms Foundation is not split.
@_exported import Dispatch

#if canImport(FoundationEssentials)
    @_exported import FoundationEssentials
#else
    @_exported import Foundation
#endif
#if canImport(Glibc)
    @_exported import Glibc
#elseif canImport(Musl)
    @_exported import Musl
#elseif canImport(Darwin)
    @_exported import Darwin
#endif
