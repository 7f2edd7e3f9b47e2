"""Saying in the file where it comes from: plain tags, and IPTC's DigitalSourceType in XMP.

This is metadata, which anyone can remove; it is no watermark.
"""

import struct
import uuid

TOOL = "Phonofilm"
KINDS = ("generated", "generated and captured", "captured", "say nothing")
IPTC = "http://cv.iptc.org/newscodes/digitalsourcetype/"
SOURCE_TYPES = {"generated": IPTC + "trainedAlgorithmicMedia", "generated and captured": IPTC + "compositeWithTrainedAlgorithmicMedia"}  # the kinds that are AI
_COMMENT = {"generated": "AI-generated picture and sound", "generated and captured": "Captured media combined with AI-generated picture or sound"}
_XMP_BOX = uuid.UUID("be7acfcb-97a9-42e8-9c71-999491e3afac").bytes  # ISO 16684-1, for files of boxes
_PACKET = """<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/" xmlns:xmp="http://ns.adobe.com/xap/1.0/"
 Iptc4xmpExt:DigitalSourceType="{source}" xmp:CreatorTool="{tool}"/>
</rdf:RDF></x:xmpmeta>
<?xpacket end="r"?>"""


def kind_of(prompt, node):
    """The kind that the workflow (API format) says of what reaches node id `node`: samplers and shot lists generate, Load nodes bring captured media.

    Where neither is seen it is taken as captured: nothing is called AI on a guess.
    """
    classes, waiting, seen = set(), [str(node)], set()
    while waiting:
        number = waiting.pop()
        if number in seen or number not in prompt:
            continue
        seen.add(number)
        classes.add(prompt[number]["class_type"])
        waiting += [str(value[0]) for value in prompt[number]["inputs"].values() if isinstance(value, list) and value]
    generated = any("Sampler" in name or "ShotList" in name for name in classes)
    captured = any("Load" in name and "Loader" not in name and name.endswith(("Video", "Audio", "AV", "VideoPath", "AudioUpload")) for name in classes)
    return "generated and captured" if generated and captured else "generated" if generated else "captured"


def tags(kind, tool, container):
    """Tags for the file, {} where there is nothing to say. Captured media gets the tool's name and no claim of AI."""
    if kind == "say nothing":
        return {}
    found = {"encoded_by": tool}
    if kind in _COMMENT:
        found |= {"comment": _COMMENT[kind], "digital_source_type": SOURCE_TYPES[kind]}
        if container in ("mkv", "webm"):
            found["XMP"] = xmp(kind, tool)
    return found


def xmp(kind, tool):
    """The XMP packet of a kind that is in part AI."""
    return _PACKET.format(source=SOURCE_TYPES[kind], tool=tool)


def add_xmp(path, kind, tool, container):
    """Append the packet to a finished mp4 or mov, at its end, where it moves nothing. Other kinds and containers are left alone."""
    if kind not in SOURCE_TYPES or container not in ("mp4", "mov"):
        return
    packet = xmp(kind, tool).encode()
    with open(path, "ab") as file:
        file.write(struct.pack(">I4s16s", 24 + len(packet), b"uuid", _XMP_BOX) + packet)
