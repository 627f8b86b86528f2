"""A private key is read as ssh reads one, and what is wrong with it is said."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from shopstack import output
from shopstack.errors import CredentialsError
from shopstack.secrets import SnowflakeKey, is_secret, read_snowflake_key
from shopstack.warehouse.snowflake_key import private_key, text_of

KEY = rsa.generate_private_key(65537, 2048)
DER = KEY.private_bytes(
    serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
)


def pem(passphrase: str = "", form: serialization.PrivateFormat = serialization.PrivateFormat.PKCS8) -> str:
    encryption: serialization.KeySerializationEncryption = serialization.NoEncryption()
    if passphrase:
        encryption = serialization.BestAvailableEncryption(passphrase.encode())
    return KEY.private_bytes(serialization.Encoding.PEM, form, encryption).decode()


def file(folder: Path, content: str, mode: int = 0o600) -> SnowflakeKey:
    path = folder / "snowflake_key.p8"
    path.write_text(content)
    path.chmod(mode)
    return SnowflakeKey(path=path)


@pytest.mark.parametrize(
    "text",
    [pem(), pem().replace("\n", "\\n"), base64.b64encode(DER).decode()],
    ids=["pem", "pem on one line", "base64 of der"],
)
def test_a_key_in_a_variable_is_taken_in_each_way_that_it_can_be_written(text: str) -> None:
    assert private_key(SnowflakeKey(text)) == DER


def test_a_key_in_a_file_is_taken_with_and_without_a_passphrase(tmp_path: Path) -> None:
    assert private_key(file(tmp_path, pem())) == DER
    encrypted = file(tmp_path, pem("a secret passphrase"))
    assert private_key(SnowflakeKey(path=encrypted.path, passphrase="a secret passphrase")) == DER


def test_a_passphrase_for_a_key_that_needs_none_does_no_harm() -> None:
    assert private_key(SnowflakeKey(pem(), passphrase="left over")) == DER


def refusal(key: SnowflakeKey) -> CredentialsError:
    with pytest.raises(CredentialsError) as caught:
        private_key(key)
    assert caught.value.why
    assert caught.value.hint
    return caught.value


def test_a_missing_file_and_one_that_everybody_may_read_are_refused(tmp_path: Path) -> None:
    missing = refusal(SnowflakeKey(path=tmp_path / "nothing.p8"))
    assert "No such file" in missing.why
    readable = refusal(file(tmp_path, pem(), 0o644))
    assert readable.hint == f"chmod 600 {tmp_path / 'snowflake_key.p8'}"
    assert private_key(file(tmp_path, pem(), 0o640)) == DER


def test_a_key_without_its_passphrase_or_with_a_wrong_one_is_told_apart() -> None:
    encrypted = pem("right")
    assert "its passphrase is not set" in refusal(SnowflakeKey(encrypted)).message
    assert "The passphrase is wrong" in refusal(SnowflakeKey(encrypted, passphrase="wrong")).why


def test_what_is_no_private_key_is_named() -> None:
    public = KEY.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    assert "public key" in refusal(SnowflakeKey(public.decode())).why
    assert "neither PEM nor DER" in refusal(SnowflakeKey("c29tZXRoaW5n")).why
    assert "neither PEM nor DER" in refusal(SnowflakeKey("not a key at all")).why
    curve = ec.generate_private_key(ec.SECP256R1()).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    assert "not an RSA key" in refusal(SnowflakeKey(curve.decode())).why


def test_the_key_is_set_once_and_never_shown(tmp_path: Path) -> None:
    for environment, words in (
        ({}, "no private key"),
        ({"SNOWFLAKE_PRIVATE_KEY": pem(), "SNOWFLAKE_PRIVATE_KEY_PATH": "key.p8"}, "two private keys"),
    ):
        with pytest.raises(CredentialsError, match=words) as refused:
            read_snowflake_key(tmp_path, environment)
    assert refused.value.hint == (
        "keep one: unset SNOWFLAKE_PRIVATE_KEY, or take SNOWFLAKE_PRIVATE_KEY_PATH out of .env"
    )
    found = read_snowflake_key(
        tmp_path, {"SNOWFLAKE_PRIVATE_KEY": pem(), "SNOWFLAKE_PRIVATE_KEY_PASSPHRASE": "hunter2-hunter2"}
    )
    line = pem().splitlines()[3]
    shown = output.redact(f"{found} {pem()} {line} {text_of(found)} hunter2-hunter2")
    assert line not in shown
    assert "hunter2" not in shown
    assert base64.b64encode(DER).decode() not in shown
    assert is_secret("SNOWFLAKE_PRIVATE_KEY")
    assert is_secret("SNOWFLAKE_PRIVATE_KEY_PASSPHRASE")


def test_the_path_is_the_projects_own(tmp_path: Path) -> None:
    found = read_snowflake_key(tmp_path, {"SNOWFLAKE_PRIVATE_KEY_PATH": "keys/snowflake.p8"})
    assert found.path == tmp_path / "keys" / "snowflake.p8"
