"""The published vectors of RFC 6962 trees, and proofs written down from the text of RFC 9162.

Vectors: transparency-dev/merkle, testonly/constants.go and rfc6962/rfc6962_test.go.
"""

from hashlib import sha256

from earmark.ledger.tree import leaf_hash

INPUTS = [
    bytes.fromhex(text)
    for text in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
LEAVES = [leaf_hash(data) for data in INPUTS]

ROOTS = [
    bytes.fromhex(text)
    for text in (
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    )
]

_D37E = "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"
_CA85 = "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0"
_0EBC = "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a"
_5F08 = "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e"
_BC1A = "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b"
_FAC5 = "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"
_6E34 = "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
_96A2 = "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7"
_6B47 = "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4"
_B086 = "b08693ec2e721597130641e8211e7eedccb4c26413963eee6c1e2ed16ffb1a5f"


def _path(*texts):
    return tuple(map(bytes.fromhex, texts))


INCLUSIONS = {
    (5, 8): _path(_BC1A, _CA85, _D37E),
    (0, 8): _path(_96A2, _5F08, _6B47),
    (2, 3): _path(_FAC5),
    (1, 5): _path(_6E34, _5F08, _BC1A),
}
"""By index and size."""

CONSISTENCIES = {
    (6, 8): _path(_0EBC, _CA85, _D37E),
    (2, 5): _path(_5F08, _BC1A),
    (6, 7): _path(_0EBC, _B086, _D37E),
}
"""By old and new size."""


def plain_root(leaves):
    """MTH of RFC 9162, 2.1.1, over hashes of leaves."""
    if not leaves:
        return sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    k = _split(leaves)
    return sha256(b"\x01" + plain_root(leaves[:k]) + plain_root(leaves[k:])).digest()


def plain_inclusion(index, leaves):
    """PATH of RFC 9162, 2.1.3.1."""
    if len(leaves) == 1:
        return ()
    k = _split(leaves)
    if index < k:
        return (*plain_inclusion(index, leaves[:k]), plain_root(leaves[k:]))
    return (*plain_inclusion(index - k, leaves[k:]), plain_root(leaves[:k]))


def plain_consistency(old, leaves, *, known=True):
    """SUBPROOF of RFC 9162, 2.1.4.1."""
    if old == len(leaves):
        return () if known else (plain_root(leaves),)
    k = _split(leaves)
    if old <= k:
        return (*plain_consistency(old, leaves[:k], known=known), plain_root(leaves[k:]))
    return (*plain_consistency(old - k, leaves[k:], known=False), plain_root(leaves[:k]))


def _split(leaves):
    k = 1
    while 2 * k < len(leaves):
        k *= 2
    return k
