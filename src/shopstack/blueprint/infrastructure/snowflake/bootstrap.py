"""Makes the one user that Terraform cannot make: its own. Also makes key pairs for the service users.

    python bootstrap.py new-key FILE          a private key in FILE (yours alone to read), its public half printed
    python bootstrap.py sql FILE              the statements that make Terraform's user with that key, printed
    python bootstrap.py run FILE --account MYORG-MYACCOUNT --user ME
                                              the same statements, printed and run as SECURITYADMIN

Nothing runs in Snowflake but with `run`. The statements can be repeated: what is there already stays. A private key is
never printed, never sent, and never written over; its file ends in .p8, which the project's .gitignore leaves out. If SNOWFLAKE_PRIVATE_KEY_PASSPHRASE is set, keys are encrypted with it.

Terraform's user gets SYSADMIN, which makes databases and warehouses, and SECURITYADMIN, which makes roles, users, grants
and network policies; never ACCOUNTADMIN. Whoever holds its key can grant himself anything but that: keep it where you
keep such things, and run `python bootstrap.py sql` to see what it may do.

Needs the package cryptography, and `run` needs snowflake-connector-python: shopstack's extra `snowflake` has both.
"""

from __future__ import annotations

import argparse
import base64
import os
import re
import sys
from pathlib import Path

PASSPHRASE = "SNOWFLAKE_PRIVATE_KEY_PASSPHRASE"  # noqa: S105 - the variable's name, not its value
USER = "SHOPSTACK_TERRAFORM"
ROLES = ("SYSADMIN", "SECURITYADMIN")


class BootstrapError(Exception):
    """Something is wrong that the person who typed the command can mend."""


def new_key(path: Path) -> str:
    """Write a new private key (RSA, 2048 bits, PKCS#8) to `path`, readable by its owner alone; returns its public half."""
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import rsa

    if path.suffix != ".p8":
        raise BootstrapError(
            f"{path} does not end in .p8; git ignores those, and could take another name along"
        )
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    passphrase = os.environ.get(PASSPHRASE, "")
    encryption = (
        serialization.BestAvailableEncryption(passphrase.encode())
        if passphrase
        else serialization.NoEncryption()
    )
    text = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, encryption)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise BootstrapError(
            f"{path} is there already and stays as it is; give the new key another name"
        ) from None
    except OSError as problem:
        raise BootstrapError(f"{path} cannot be written: {problem.strerror}") from None
    with os.fdopen(handle, "wb") as file:
        file.write(text)
    return public_half(path)


def public_half(path: Path) -> str:
    """The public key of the private one in `path`, as Snowflake takes it: base64 in one line, without header."""
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import rsa

    try:
        text = path.read_bytes()
    except OSError as problem:
        raise BootstrapError(
            f"{path} cannot be read ({problem.strerror}); make a key: python bootstrap.py new-key {path}"
        ) from None
    passphrase = os.environ.get(PASSPHRASE, "").encode() or None
    try:
        key = serialization.load_pem_private_key(text, passphrase)
    except (ValueError, TypeError):
        raise BootstrapError(f"{path} is no private key, or {PASSPHRASE} is not its passphrase") from None
    if not isinstance(key, rsa.RSAPrivateKey):
        raise BootstrapError(
            f"{path} is no RSA key; Snowflake takes no other: python bootstrap.py new-key ANOTHER_FILE"
        )
    public = key.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return base64.b64encode(public).decode()


def statements(public_key: str, *, name: str = USER, slot: int = 1) -> list[str]:
    """What makes Terraform's user, in order. `slot` 2 adds the key beside the first, which goes on working."""
    if not re.fullmatch(r"[A-Z][A-Z0-9_]*", name):
        raise BootstrapError(f"{name} is no name for a user: capital letters, digits and underscores")
    place = "rsa_public_key" if slot == 1 else "rsa_public_key_2"
    about = "Terraform: makes databases, warehouses, roles, users and grants of shopstack."
    return [
        "use role SECURITYADMIN",
        f"create user if not exists {name} type = service default_role = SYSADMIN comment = '{about}'",
        f"alter user if exists {name} set {place} = '{public_key}'",
        *(f"grant role {role} to user {name}" for role in ROLES),
    ]


def run(sql: list[str], *, account: str, user: str) -> None:
    """Sign in as `user`, a person, through the browser, and run the statements one by one."""
    try:
        import snowflake.connector as snowflake
    except ImportError:
        raise BootstrapError("the connector is missing: pip install snowflake-connector-python") from None
    try:
        with snowflake.connect(
            account=account, user=user, authenticator="externalbrowser", role="SECURITYADMIN"
        ) as connection:
            for statement in sql:
                connection.cursor().execute(statement)
    except snowflake.Error as problem:
        raise BootstrapError(
            f"Snowflake refused: {problem}. Mend it and repeat the command: what is done stays done"
        ) from None


def parser() -> argparse.ArgumentParser:
    """The command line."""
    whole = argparse.ArgumentParser(description="Key pairs, and Terraform's own user in Snowflake.")
    commands = whole.add_subparsers(dest="command", required=True)
    made = commands.add_parser("new-key", help="make a private key, print its public half")
    shown = commands.add_parser("sql", help="print the statements that make Terraform's user")
    done = commands.add_parser("run", help="print these statements and run them")
    for command in (made, shown, done):
        command.add_argument("key", type=Path, help="file of the private key")
    for command in (shown, done):
        command.add_argument("--name", default=USER, help=f"name of Terraform's user ({USER})")
        command.add_argument("--slot", type=int, choices=(1, 2), default=1, help="2: beside the key it has")
    done.add_argument("--account", required=True, help="MYORG-MYACCOUNT")
    done.add_argument("--user", required=True, help="you: a user who has SECURITYADMIN")
    return whole


def main(arguments: list[str] | None = None) -> int:
    """Do what the command line asks; returns the exit code. Statements and public keys go to stdout, the rest to stderr."""
    asked = parser().parse_args(arguments)
    try:
        if asked.command == "new-key":
            sys.stdout.write(f"{new_key(asked.key)}\n")
            sys.stderr.write(
                f"The private key is in {asked.key}. Keep it out of git; above is its public half.\n"
            )
            return 0
        sql = statements(public_half(asked.key), name=asked.name, slot=asked.slot)
        sys.stdout.write("".join(f"{statement};\n" for statement in sql))
        sys.stdout.flush()
        if asked.command == "run":
            run(sql, account=asked.account, user=asked.user)
            sys.stderr.write(f"Done: {asked.name} may sign in with {asked.key}.\n")
    except ImportError:
        sys.stderr.write("error: the package cryptography is missing: pip install cryptography\n")
        return 2
    except BootstrapError as problem:
        sys.stderr.write(f"error: {problem}\n")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
