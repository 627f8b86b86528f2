"""The private key that a service user signs in to Snowflake with: read, checked, and never printed.

Snowflake takes key pairs alone from service users: no password, nothing that expires in the middle of a night. The key's
file may be read by its owner and a group (a container's secret is), by nobody else.
"""

from __future__ import annotations

import base64
import binascii
import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING

from shopstack import output
from shopstack.errors import ConfigurationError, CredentialsError
from shopstack.installation import install_hint
from shopstack.secrets import SNOWFLAKE_KEY, SNOWFLAKE_KEY_PATH, SNOWFLAKE_PASSPHRASE, SnowflakeKey

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes

BEGIN = b"-----BEGIN "
MAKE = "openssl genrsa 2048 | openssl pkcs8 -topk8 -inform PEM -out snowflake_key.p8"
"""How a key is made that Snowflake takes."""


def private_key(key: SnowflakeKey) -> bytes:
    """The key as the connector takes it: PKCS#8 in DER, not encrypted.

    Raises:
        CredentialsError: there is no such file, others may read it, it is no private key, its passphrase is missing or
            wrong, or it is none that Snowflake takes.
        ConfigurationError: the extra `snowflake` is not installed.
    """
    try:
        from cryptography.hazmat.primitives import serialization
        from cryptography.hazmat.primitives.asymmetric import rsa
    except ImportError as problem:
        raise not_installed() from problem
    where = key.path.name if key.path else SNOWFLAKE_KEY
    loaded = _load(_content(key), key.passphrase, where)
    if not isinstance(loaded, rsa.RSAPrivateKey) or loaded.key_size < 2048:
        raise CredentialsError(
            f"The private key in {where} is none that Snowflake takes.",
            why="It is not an RSA key of at least 2048 bits.",
            hint=f"make one: {MAKE}",
        )
    return loaded.private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def text_of(key: SnowflakeKey) -> str:
    """The same as text in base64, for a child process's environment."""
    text = base64.b64encode(private_key(key)).decode()
    output.hide(text)
    return text


def not_installed() -> ConfigurationError:
    """That the packages for Snowflake are missing."""
    return ConfigurationError(
        "What Snowflake needs is not installed.",
        why='shopstack.toml says [warehouse] type = "snowflake".',
        hint=install_hint("snowflake"),
    )


def _content(key: SnowflakeKey) -> bytes:
    """PEM or DER, as it stands in the file or in the variable."""
    if key.path is not None:
        return _read(key.path)
    # A line of an environment file cannot hold line ends: they are written as \n there.
    text = key.text.replace("\\n", "\n").encode()
    if BEGIN in text:
        return text
    try:
        return base64.b64decode(b"".join(text.split()), validate=True)
    except binascii.Error:
        return text


def _read(path: Path) -> bytes:
    try:
        mode = path.stat().st_mode
        content = path.read_bytes()
    except OSError as problem:
        raise CredentialsError(
            "The private key for Snowflake cannot be read.",
            why=f"{path}: {problem.strerror}.",
            hint=f"mend {SNOWFLAKE_KEY_PATH} in .env, or make a key: {MAKE}",
        ) from problem
    if os.name == "posix" and mode & stat.S_IRWXO:
        raise CredentialsError(
            "The private key for Snowflake may be read by everybody on this machine.",
            why=f"{path} has the permissions {stat.filemode(mode)}.",
            hint=f"chmod 600 {path}",
        )
    return content


def _load(content: bytes, passphrase: str, where: str) -> PrivateKeyTypes:
    from cryptography.hazmat.primitives import serialization

    read = serialization.load_pem_private_key if BEGIN in content else serialization.load_der_private_key
    try:
        return read(content, passphrase.encode() if passphrase else None)
    except TypeError as problem:
        if passphrase:  # there is one for a key that needs none
            return _load(content, "", where)
        raise CredentialsError(
            f"The private key in {where} is encrypted, and its passphrase is not set.",
            why=f"{SNOWFLAKE_PASSPHRASE} is empty.",
            hint=f"put {SNOWFLAKE_PASSPHRASE} in .env",
        ) from problem
    except ValueError as problem:
        if b"ENCRYPTED" in content or (passphrase and BEGIN not in content):
            raise CredentialsError(
                f"The private key in {where} cannot be decrypted.",
                why="The passphrase is wrong.",
                hint=f"mend {SNOWFLAKE_PASSPHRASE} in .env",
            ) from problem
        if BEGIN + b"PUBLIC" in content:
            why = "It is a public key, which belongs into Snowflake (alter user … set rsa_public_key)."
        elif b"OPENSSH" in content:
            why = "It is in the format of ssh; Snowflake takes PKCS#8."
        else:
            why = "It is neither PEM nor DER of a private key (PKCS#8)."
        raise CredentialsError(
            f"What is in {where} is no private key.", why=why, hint=f"make one: {MAKE}"
        ) from problem
