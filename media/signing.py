"""Signing a finished file as C2PA (c2pa.org) asks, with the user's own key, where `c2pa-python` is installed.

The key never passes through a workflow: environment variables name the files. Unlike tags, a signature tells when the file was
changed afterwards. Who signed is told by the certificate; programs show it as unknown unless its issuer is on their trust list.
"""

import importlib.util
import json
import os
from pathlib import Path
from typing import NamedTuple

from .errors import MediaError
from .naming import in_place_of
from .provenance import IPTC, SOURCE_TYPES

CERTIFICATE = "PHONOFILM_C2PA_CERTIFICATE"  # PEM: the signing certificate, then those above it
KEY = "PHONOFILM_C2PA_KEY"                  # PEM, PKCS 8, without a password
TIMESTAMP = "PHONOFILM_C2PA_TIMESTAMP"      # URL of a time-stamp authority; without it nothing leaves the machine
CONTAINERS = ("mp4", "mov")
_ORIGINS = {**SOURCE_TYPES, "captured": IPTC + "humanEdits"}
_CURVES = {"secp256r1": "es256", "secp384r1": "es384", "secp521r1": "es512"}


class Identity(NamedTuple):
    """Who signs: PEM text of the certificates and the key, C2PA's name of the algorithm, a URL or None."""

    certificates: str
    key: str
    algorithm: str
    timestamp: str | None


def identity(container, kind):
    """The Identity that the environment names, to sign a file of this container and kind of `provenance`. MediaError where that cannot be."""
    if container not in CONTAINERS:
        raise MediaError(f"C2PA signs {' and '.join(CONTAINERS)}, not {container}; choose one of those, or switch signing off.")
    if kind not in _ORIGINS:
        raise MediaError("A C2PA signature says how picture and sound came about; choose a provenance, or switch signing off.")
    if importlib.util.find_spec("c2pa") is None:
        raise MediaError("Signing needs the package c2pa-python: pip install c2pa-python, or switch signing off.")
    certificates, key = (_text_of(name) for name in (CERTIFICATE, KEY))
    return Identity(certificates, key, _algorithm(key), os.environ.get(TIMESTAMP) or None)


def sign(path, who, kind, tool, title):
    """Put a signed manifest into the finished file `path`: what made it, and its digital source type by `kind` of `provenance`;
    `title` is the name it will have.

    MediaError where the certificate and the key do not serve; then the file is as it was.
    """
    import c2pa

    with in_place_of(path) as signed:
        signed.unlink()  # the library makes it itself
        try:
            with c2pa.Signer.from_info(c2pa.C2paSignerInfo(who.algorithm, who.certificates.encode(), who.key.encode(), who.timestamp)) as signer:
                with c2pa.Builder(manifest(kind, tool, title)) as builder:
                    builder.sign_file(path, signed, signer)
        except c2pa.C2paError as error:
            raise MediaError(f"C2PA signing failed, so nothing was written: {' '.join(str(error).split())}. The certificate is {CERTIFICATE}, the key {KEY}.") from error


def manifest(kind, tool, title):
    """What is signed, as JSON: the tool that made the file, and how picture and sound came about."""
    action = {"action": "c2pa.created", "softwareAgent": {"name": tool}, "digitalSourceType": _ORIGINS[kind]}
    return json.dumps({"claim_generator_info": [{"name": tool}], "title": title, "assertions": [{"label": "c2pa.actions.v2", "data": {"actions": [action]}}]})


def _text_of(name):
    path = os.environ.get(name)
    if not path:
        raise MediaError(f"Signing needs your certificate and key: set {CERTIFICATE} and {KEY} to their PEM files, or switch signing off.")
    try:
        return Path(path).read_text()
    except (OSError, UnicodeDecodeError) as error:
        raise MediaError(f"{name}: cannot read {path}.") from error


def _algorithm(key):
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        found = load_pem_private_key(key.encode(), None)
    except (ValueError, TypeError) as error:
        raise MediaError(f"{KEY}: this is no private key in PEM without a password.") from error
    if isinstance(found, ec.EllipticCurvePrivateKey) and found.curve.name in _CURVES:
        return _CURVES[found.curve.name]
    if isinstance(found, rsa.RSAPrivateKey):
        return "ps256"
    if isinstance(found, ed25519.Ed25519PrivateKey):
        return "ed25519"
    raise MediaError(f"{KEY}: C2PA signs with EC P-256, P-384, P-521, RSA or Ed25519 keys, not with this one.")
