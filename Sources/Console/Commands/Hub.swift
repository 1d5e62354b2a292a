import Deploy
import Foundation
import LocalHub
