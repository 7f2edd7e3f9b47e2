"""C2PA: a file signed with a key of one's own reads back as valid, and plays as before; what is missing is said before anything is written."""

import json
import os
from datetime import datetime, timedelta, timezone

import pytest
import torch

from media import formats, signing
from media.errors import MediaError
from media.provenance import KINDS, TOOL, add_xmp
from media.reading import read_clip
from media.writing import write_clip
from test_mux import CHEAP, bars, noise
from test_mux_faults import audio, mux  # noqa: F401

torch.set_num_threads(1)


def needs_c2pa():
    pytest.importorskip("c2pa", reason="c2pa-python is not installed")


@pytest.fixture
def own_key(tmp_path_factory, monkeypatch):
    """A certificate chain of one's own, named by the environment; returns its folder."""
    needs_c2pa()
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    folder, now = tmp_path_factory.mktemp("keys"), datetime.now(timezone.utc)
    above, own = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    names = [x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name), x509.NameAttribute(x509.NameOID.ORGANIZATION_NAME, "Test")]) for name in ("Root", "Signer")]

    def certificate(subject, key, extensions):
        builder = (x509.CertificateBuilder().subject_name(subject).issuer_name(names[0]).public_key(key.public_key()).serial_number(x509.random_serial_number())
                   .not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=9)))
        for extension, critical in extensions:
            builder = builder.add_extension(extension, critical)
        return builder.sign(above, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)

    def usage(*allowed):
        kinds = ("digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement", "key_cert_sign", "crl_sign", "encipher_only", "decipher_only")
        return x509.KeyUsage(**{kind: kind in allowed for kind in kinds})

    issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(above.public_key())
    leaf = certificate(names[1], own, [(x509.BasicConstraints(False, None), True), (usage("digital_signature"), True),
                                       (x509.ExtendedKeyUsage([x509.ExtendedKeyUsageOID.EMAIL_PROTECTION]), False), (issuer, False),
                                       (x509.SubjectKeyIdentifier.from_public_key(own.public_key()), False)])
    root = certificate(names[0], above, [(x509.BasicConstraints(True, None), True), (usage("key_cert_sign", "crl_sign"), True), (issuer, False),
                                         (x509.SubjectKeyIdentifier.from_public_key(above.public_key()), False)])
    (folder / "chain.pem").write_bytes(leaf + root)
    (folder / "key.pem").write_bytes(own.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
    monkeypatch.setenv(signing.CERTIFICATE, str(folder / "chain.pem"))
    monkeypatch.setenv(signing.KEY, str(folder / "key.pem"))
    monkeypatch.delenv(signing.TIMESTAMP, raising=False)
    return folder


def manifest_of(path):
    """(the active manifest, validation state) that the library reads."""
    import c2pa

    with c2pa.Reader(str(path)) as reader:
        report = json.loads(reader.json())
    return report["manifests"][report["active_manifest"]], report["validation_state"]


@pytest.mark.parametrize("container", signing.CONTAINERS)
def test_a_signed_file(tmp_path, own_key, container):
    wave, form = noise(2, 24000), formats.choose(container, CHEAP[container])
    for kind in KINDS[:3]:
        who = signing.identity(container, kind)
        plain, signed = (tmp_path / f"{name}.{container}" for name in ("plain", "signed"))
        write_clip(plain, bars(), 24, wave, 48000, form=form)

        def finish(fresh, kind=kind):
            add_xmp(fresh, kind, TOOL, container)
            signing.sign(fresh, who, kind, TOOL, signed.name)

        write_clip(signed, bars(), 24, wave, 48000, form=form, finish=finish)
        made, state = manifest_of(signed)
        assert state == "Valid" and made["claim_generator_info"][0]["name"] == TOOL
        text = json.dumps(made["assertions"])
        assert ("rainedAlgorithmicMedia" in text) == kind.startswith("generated") and ("humanEdits" in text) == (kind == "captured")
        assert (b"DigitalSourceType=" in signed.read_bytes()) == kind.startswith("generated"), "the XMP is still there"
        old, new = read_clip(plain), read_clip(signed)
        assert torch.equal(old.frames, new.frames) and torch.equal(old.waveform, new.waveform)
        assert sorted(os.listdir(tmp_path)) == [plain.name, signed.name]
    data = bytearray(signed.read_bytes())
    data[data.index(b"mdat") + 200] ^= 1
    signed.write_bytes(data)
    assert manifest_of(signed)[1] == "Invalid", "a change is seen"


def test_mux_signs(tmp_path, own_key, mux):  # noqa: F811
    mux(images=bars(), audio=audio(noise(2, 24000)), sign=True, provenance="generated")
    (path,) = tmp_path.iterdir()
    made, state = manifest_of(path)
    assert state == "Valid" and made["title"] == path.name


def test_what_signing_lacks_is_said(tmp_path, own_key, mux, monkeypatch):  # noqa: F811
    def refused(words, **inputs):
        with pytest.raises(Exception, match=words) as error:
            mux(images=bars(), sign=True, **inputs)
        assert "\n" not in str(error.value) and not os.listdir(tmp_path)

    refused("choose a provenance", provenance="say nothing")
    refused("signs mp4 and mov, not mkv", container="mkv")
    (own_key / "other.pem").write_text("no key")
    for name, value, words in ((signing.KEY, "none.pem", "cannot read"), (signing.KEY, "other.pem", "no private key"), (signing.KEY, "", "set PHONOFILM_C2PA_CERTIFICATE"),
                               (signing.CERTIFICATE, "other.pem", "signing failed"), (signing.CERTIFICATE, "key.pem", "signing failed")):
        with monkeypatch.context() as patch:
            patch.setenv(name, value and str(own_key / value))
            refused(words)


def test_without_the_package(monkeypatch):
    monkeypatch.setattr(signing.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(MediaError, match="pip install c2pa-python"):
        signing.identity("mp4", "captured")
