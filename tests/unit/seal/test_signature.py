"""Signatures and checkpoints: the first vector of RFC 8032, and every way in which a note can be bent."""

from __future__ import annotations

import os
import stat
from base64 import b64encode

import pytest

from dueregard.errors import SealBroken, TargetError
from dueregard.seal.checkpoint import Checkpoint, opened, signed
from dueregard.seal.merkle import root_of
from dueregard.seal.signature import PublicKey, SigningKey

SEED = "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"  # RFC 8032, 7.1, test 1
PUBLIC = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"
SIGNATURE = (
    "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555"
    "fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"
)


def test_the_vector_of_the_standard(tmp_path):
    (tmp_path / "key").write_text(SEED)
    key = SigningKey.read(tmp_path / "key")
    assert key.public.raw.hex() == PUBLIC
    assert key.sign(b"").hex() == SIGNATURE
    assert PublicKey.read(key.public.text()) == key.public


def test_a_key_is_kept_to_its_owner_and_never_written_over(tmp_path):
    key = SigningKey.new()
    key.write(tmp_path / "key")
    assert stat.S_IMODE(os.stat(tmp_path / "key").st_mode) == 0o600
    assert SigningKey.read(tmp_path / "key") == key
    with pytest.raises(TargetError):
        SigningKey.new().write(tmp_path / "key")
    assert key._seed.hex() not in repr(key)


@pytest.mark.parametrize("text", ["", "ed25519:", "ed25519:zz", f"rsa:{PUBLIC}", f"ed25519:{PUBLIC[2:]}"])
def test_what_is_not_a_key(text):
    with pytest.raises(SealBroken):
        PublicKey.read(text)


def test_what_is_not_a_key_file(tmp_path):
    (tmp_path / "key").write_text("canary-of-a-secret")
    with pytest.raises(SealBroken) as told:
        SigningKey.read(tmp_path / "key")
    assert "canary" not in str(told.value)
    with pytest.raises(SealBroken):
        SigningKey.read(tmp_path / "absent")


def test_a_checkpoint_comes_back():
    key = SigningKey.new()
    point = Checkpoint("force.example/log", 3, root_of([b"a", b"b", b"c"]))
    note = signed(point, key, name="force.example")
    assert note.splitlines()[:3] == ["force.example/log", "3", b64encode(point.root).decode()]
    assert opened(note, key.public, name="force.example") == point


def test_any_flipped_bit_of_a_note_is_found():
    key = SigningKey.new()
    note = signed(Checkpoint("force.example/log", 12, root_of([b"a"])), key, name="force.example").encode()
    missed = []
    for place in range(len(note)):
        for bit in range(8):
            bent = bytearray(note)
            bent[place] ^= 1 << bit
            try:
                opened(bent.decode("utf-8", errors="replace"), key.public, name="force.example")
            except SealBroken:
                continue
            missed.append((place, bit))
    assert missed == []


def test_another_key_or_another_name_is_refused():
    key = SigningKey.new()
    note = signed(Checkpoint("force.example/log", 1, root_of([b"a"])), key, name="force.example")
    with pytest.raises(SealBroken):
        opened(note, SigningKey.new().public, name="force.example")
    with pytest.raises(SealBroken):
        opened(note, key.public, name="other.example")
