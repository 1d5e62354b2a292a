print("spacesync")
