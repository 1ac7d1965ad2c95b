"""The XMP packet of an exported picture: the tool, how the picture came to be, and words and names only where asked."""

from __future__ import annotations

import re
from collections.abc import Sequence
from xml.sax.saxutils import escape

from bridge.takeaway.origins import Origin, uri_of

# What XML 1.0 has no place for.
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def packet(tool: str, origin: Origin | None, words: Sequence[str] = (), people: Sequence[str] = ()) -> bytes:
    """The packet, UTF-8.

    Args:
        tool: name and version of the program.
        origin: see `bridge.takeaway.origins`; None: nothing is said of it.
        words: what was asked for, in order; none by default.
        people: by whom; nobody by default.
    """
    fields = [f"<xmp:CreatorTool>{_text(tool)}</xmp:CreatorTool>"]
    if origin is not None:
        fields.append(f"<Iptc4xmpExt:DigitalSourceType>{uri_of(origin)}</Iptc4xmpExt:DigitalSourceType>")
    if words:
        said = f'<rdf:li xml:lang="x-default">{_text(chr(10).join(words))}</rdf:li>'
        fields.append(f"<dc:description><rdf:Alt>{said}</rdf:Alt></dc:description>")
    if people:
        names = "".join(f"<rdf:li>{_text(name)}</rdf:li>" for name in people)
        fields.append(f"<dc:creator><rdf:Seq>{names}</rdf:Seq></dc:creator>")
    body = "".join(f"\n   {field}" for field in fields)
    return (
        '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>\n'
        '<x:xmpmeta xmlns:x="adobe:ns:meta/">\n'
        ' <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">\n'
        '  <rdf:Description rdf:about=""'
        ' xmlns:xmp="http://ns.adobe.com/xap/1.0/"'
        ' xmlns:dc="http://purl.org/dc/elements/1.1/"'
        f' xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/">{body}\n'
        "  </rdf:Description>\n"
        " </rdf:RDF>\n"
        "</x:xmpmeta>\n"
        '<?xpacket end="r"?>'
    ).encode()


def _text(text: str) -> str:
    return escape(_NOT_XML.sub("\ufffd", text))
