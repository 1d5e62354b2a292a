package enum Console {}
