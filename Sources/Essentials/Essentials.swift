// What every target imports in place of Foundation: Dispatch, the C library, and the part of Foundation that needs no
// ICU. Apple's systems have Foundation in one piece.
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
